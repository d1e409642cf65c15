#include "client/stream_url.hpp"

#include <algorithm>
#include <charconv>

namespace nx::client {

namespace {

tl::unexpected<Error> bad_url(std::string_view why) {
  return fail(ErrorKind::invalid, "url: " + std::string(why) + ", e.g. ws://127.0.0.1:3000/stream");
}

}  // namespace

std::string StreamUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (secure ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

Result<StreamUrl> parse_stream_url(std::string_view text) {
  StreamUrl url;
  if (text.starts_with("wss://")) {
    url.secure = true;
    url.port = 443;
    text.remove_prefix(6);
  } else if (text.starts_with("ws://")) {
    text.remove_prefix(5);
  } else {
    return bad_url("must begin with ws:// or wss://");
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= ' ' || c == 0x7f; })) {
    return bad_url("has a space or control character");
  }
  if (text.find('#') != std::string_view::npos) return bad_url("must not have a fragment");

  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  url.resource = std::string(text.substr(end));
  if (!url.resource.starts_with('/')) url.resource.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return bad_url("must not carry a user name or password");

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad_url("has an unclosed [");
    url.host = std::string(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = std::string(authority.substr(0, colon));
    port = authority.substr(colon);
  }
  if (url.host.empty()) return bad_url("has no host");
  if (port.empty()) return url;
  const char* const last = port.data() + port.size();
  const auto parsed = std::from_chars(port.data() + 1, last, url.port);
  if (port.front() != ':' || parsed.ec != std::errc{} || parsed.ptr != last || url.port == 0) {
    return bad_url("has a port that is no number from 1 to 65535");
  }
  return url;
}

}  // namespace nx::client
