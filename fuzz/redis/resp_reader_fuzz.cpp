// The RESP reader over any bytes: it must not crash, must give the same values for any split of the input, and hold its
// limits. Input: one byte that says how to split and which limits, then the stream.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "redis/cluster_slots.hpp"
#include "redis/resp_reader.hpp"

namespace {

using nx::redis::RespLimits;
using nx::redis::RespReader;
using nx::redis::RespType;
using nx::redis::RespValue;

using Seen = std::tuple<RespType, std::int64_t, std::string, std::uint32_t>;

void require(bool condition) {
  if (!condition) std::abort();
}

void walk(const RespValue& value, const RespLimits& limits, std::vector<Seen>& seen) {
  require(value.text().size() <= std::max(limits.max_bulk_bytes, limits.max_line_bytes));
  require(value.root().extent <= limits.max_nodes);
  if (value.type() == RespType::too_large) require(value.number() > static_cast<std::int64_t>(limits.max_bulk_bytes));
  seen.emplace_back(value.type(), value.number(), value.text(), value.size());
  std::uint32_t extent = 1;
  for (std::uint32_t i = 0; i < value.size(); ++i) {
    extent += value.at(i).root().extent;
    walk(value.at(i), limits, seen);
  }
  require(extent == value.root().extent);
}

// False: broken.
bool feed(RespReader& reader, std::string_view piece, const RespLimits& limits, std::vector<Seen>& seen) {
  std::memcpy(reader.space(piece.size()).data(), piece.data(), piece.size());
  reader.took(piece.size());
  for (;;) {
    const auto value = reader.next();
    if (!value) return false;
    if (!*value) return true;
    walk(**value, limits, seen);
    static_cast<void>(nx::redis::read_cluster_slots(**value, {"asked", 1}));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned control = data[0];
  const std::string stream(data + 1, data + size);
  const std::size_t step = 1 + (control & 0x1FU);
  RespLimits limits;
  if ((control & 0x80U) != 0) {
    limits = {.max_bulk_bytes = 16, .max_line_bytes = 12, .max_nodes = 12, .max_depth = 3, .max_value_bytes = 96};
  }

  RespReader whole_reader(limits);
  std::vector<Seen> whole;
  const bool whole_good = feed(whole_reader, stream, limits, whole);

  RespReader piece_reader(limits);
  std::vector<Seen> pieces;
  bool pieces_good = true;
  for (std::size_t at = 0; at < stream.size() && pieces_good; at += step) {
    pieces_good = feed(piece_reader, std::string_view(stream).substr(at, step), limits, pieces);
  }
  require(pieces_good == whole_good);
  require(pieces == whole);
  return 0;
}
