// Requests sent ahead on one connection, with chunked bodies and trailers, over any bytes: no crash; a request shows
// the fields of its own head and no others, whatever a trailer says; the requests are the same in one piece as in many;
// every byte is taken once. Input: one byte for the size of the pieces, one that says whether the rest is a stream or a
// trailer, then the rest.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http_parser.hpp"
#include "transport/http_token.hpp"

namespace {

using namespace nx::transport;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Seen {
  std::string method, path, body;
  std::vector<std::string> fields;
  std::size_t end = 0;  // where the next one begins
  bool operator==(const Seen&) const = default;
};

// The head is what lies before the first empty line: nothing behind it is a field.
void require_own_fields(const HttpRequest& request, std::string_view bytes) {
  const std::string_view head = bytes.substr(0, bytes.find("\r\n\r\n"));
  for (const HttpHeader& field : request.headers) {
    const bool from_target = same_ignoring_case(field.name, "Host") && !request.target.starts_with('/');
    require(from_target || head.find("\r\n" + field.name + ":") != head.npos);
    require(field.name.find_first_of("\r\n") == field.name.npos &&
            field.value.find_first_of("\r\n") == field.value.npos);
  }
  require(request.body.size() <= HttpParser::kMaxBodyBytes);
}

// As the connection does it; `failed`: the last one was refused.
std::vector<Seen> read(std::string_view stream, std::size_t step, bool& failed) {
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < stream.size() && !failed;) {
    at += HttpParser::empty_lines(stream.substr(at));
    const std::size_t begin = at;
    HttpParser parser;
    HttpParser::Progress progress;
    while (at < stream.size() && progress.status == HttpParser::Status::need_more) {
      const std::string_view piece = stream.substr(at, step);
      progress = parser.feed(piece);
      require(progress.used <= piece.size());
      require(progress.used == piece.size() || progress.status == HttpParser::Status::complete);
      at += progress.used;
    }
    failed = progress.status == HttpParser::Status::failed;
    if (progress.status != HttpParser::Status::complete) break;
    const HttpRequest request = parser.take();
    require_own_fields(request, stream.substr(begin));
    Seen one{request.method, request.path, request.body, {}, at};
    for (const HttpHeader& field : request.headers) one.fields.push_back(field.name + ": " + field.value);
    seen.push_back(std::move(one));
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1U + data[0];
  const bool as_trailer = (data[1] & 1U) != 0;
  std::string stream(data + 2, data + size);
  if (as_trailer) {
    stream = "POST /own HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + stream +
             "\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  bool whole_failed = false;
  bool pieces_failed = false;
  const std::vector<Seen> whole = read(stream, stream.size(), whole_failed);
  const std::vector<Seen> pieces = read(stream, step, pieces_failed);
  if (as_trailer && !whole.empty()) require(whole[0].fields.size() == 2 && whole[0].path == "/own");
  // One of the two may have judged the last request a byte earlier.
  const std::size_t both = std::min(whole.size(), pieces.size());
  require(std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(both), pieces.begin()));
  require(whole.size() == pieces.size() || whole_failed || pieces_failed);
  return 0;
}
