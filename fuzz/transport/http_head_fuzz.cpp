// Requests, upgrades, PROXY headers and address lists over any bytes: no crash, limits held, and a request is the same
// in one piece as in many. Input: one byte for the size of the pieces, then the stream.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "transport/cidr.hpp"
#include "transport/http_parser.hpp"
#include "transport/http_writer.hpp"
#include "transport/proxy_header.hpp"
#include "transport/ws_upgrade.hpp"

namespace {

using namespace nx::transport;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  HttpParser::Status status = HttpParser::Status::need_more;
  std::size_t used = 0;
  std::string method, target, body;
  std::size_t headers = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view stream, std::size_t step) {
  HttpParser parser;
  Outcome outcome;
  for (std::size_t at = 0; at < stream.size() && outcome.status == HttpParser::Status::need_more; at += step) {
    const std::string_view piece = stream.substr(at, step);
    const HttpParser::Progress progress = parser.feed(piece);
    require(progress.used <= piece.size());
    outcome.status = progress.status;
    if (progress.status == HttpParser::Status::failed) {
      require(progress.error_status == 400 || progress.error_status == 413 || progress.error_status == 431);
    } else {
      outcome.used += progress.used;
    }
  }
  if (outcome.status == HttpParser::Status::failed) outcome.used = 0;
  if (outcome.status != HttpParser::Status::complete) return outcome;

  const HttpRequest request = parser.take();
  require(request.body.size() <= HttpParser::kMaxBodyBytes);
  outcome.method = request.method;
  outcome.target = request.target;
  outcome.body = request.body;
  outcome.headers = request.headers.size();
  check_upgrade(request);
  const Cidr trusted = Cidr::parse("10.0.0.0/8").value();
  client_address(IpAddress::parse("10.0.0.1").value(), request.header("X-Forwarded-For"), {&trusted, 1});
  // Whatever is echoed cannot split a response.
  std::string response;
  append_response(response, {.status = 200, .headers = {{"X-Echo", request.target}}, .body = {}},
                  AfterResponse::keep_open);
  const auto end = response.find("\r\n\r\n");
  require(end != response.npos && end + 4 == response.size());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  std::string_view stream = text;
  const ProxyHeader proxy = parse_proxy_header(stream);
  require(proxy.used <= stream.size());
  stream.remove_prefix(proxy.used);
  Cidr::parse(stream);

  // A stream that ends early may be judged at its last byte only in one of the two: compared is what both have decided.
  const Outcome whole = parse(stream, std::max<std::size_t>(stream.size(), 1));
  const Outcome pieces = parse(stream, 1U + data[0]);
  if (whole.status == HttpParser::Status::complete || pieces.status == HttpParser::Status::complete)
    require(whole == pieces);
  return 0;
}
