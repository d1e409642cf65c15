// The frame parser over any bytes: it must not crash, must give the same events for any split of the input, and hold
// its promises. Input: one byte that says how to split, which limit and what binary messages hold, then the stream.
// Frames are masked with zeros where the mutator likes.

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/utf8.hpp"
#include "transport/ws_frame.hpp"

namespace {

using nx::transport::BinaryContent;
using nx::transport::FrameParser;
using nx::transport::WsEvent;

using Seen = std::tuple<WsEvent::Kind, bool, std::uint16_t, std::string>;

void require(bool condition) {
  if (!condition) std::abort();
}

void feed(FrameParser& parser, std::string piece, std::uint32_t limit, BinaryContent binary, std::vector<Seen>& seen) {
  std::span<char> input(piece);
  for (;;) {
    const WsEvent event = parser.next(input);
    if (event.kind == WsEvent::Kind::need_more) break;
    if (event.kind == WsEvent::Kind::message) {
      require(event.payload.size() <= limit);
      require((event.binary && binary == BinaryContent::any) || nx::is_utf8(event.payload));
    }
    seen.emplace_back(event.kind, event.binary, event.code, event.payload);
  }
  require(input.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned control = data[0];
  const std::string stream(data + 1, data + size);
  const std::uint32_t limit = (control & 0x80U) != 0 ? 64 : 131'072;
  const BinaryContent binary = (control & 0x40U) != 0 ? BinaryContent::any : BinaryContent::text;
  const std::size_t step = 1 + (control & 0x1FU);

  FrameParser whole_parser(limit, binary);
  std::vector<Seen> whole;
  feed(whole_parser, stream, limit, binary, whole);

  FrameParser piece_parser(limit, binary);
  std::vector<Seen> pieces;
  for (std::size_t at = 0; at < stream.size(); at += step)
    feed(piece_parser, stream.substr(at, step), limit, binary, pieces);
  require(pieces == whole);
  require(piece_parser.idle() == whole_parser.idle());

  // The walker stays within what it is given and advances.
  for (std::string_view rest = stream; !rest.empty();) {
    const std::size_t end = nx::transport::first_frame_end(rest);
    require(end <= rest.size());
    if (end == 0) break;
    rest.remove_prefix(end);
  }
  return 0;
}
