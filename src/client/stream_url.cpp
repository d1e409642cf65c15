#include "client/stream_url.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "model/host_port.hpp"

namespace nx::client {

namespace {

tl::unexpected<Error> bad_url(std::string_view why) {
  return fail(ErrorKind::invalid, fmt::format("url: {}, e.g. ws://127.0.0.1:3000/stream", why));
}

}  // namespace

std::string StreamUrl::authority() const {
  return port == (secure ? 443 : 80) ? host_text(host) : host_port_text(host, port);
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
  const std::string_view resource = text.substr(end);
  url.resource = fmt::format("{}{}", resource.starts_with('/') ? "" : "/", resource);
  if (authority.find('@') != std::string_view::npos) return bad_url("must not carry a user name or password");

  const auto parts = split_host_port(authority);
  if (!parts && authority.find(']') == std::string_view::npos) return bad_url("has an unclosed [");
  if (authority.starts_with("[]") || (parts && parts->host.empty())) return bad_url("has no host");
  const auto port = parts && parts->port ? parse_port(*parts->port) : std::nullopt;
  if (!parts || (parts->port && !port)) return bad_url("has a port that is not a number from 1 to 65535");
  url.host = std::string(parts->host);
  url.port = port.value_or(url.port);
  return url;
}

}  // namespace nx::client
