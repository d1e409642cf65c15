#include "config/stream_checks.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "config/url_redaction.hpp"

namespace nx::config {
namespace {

/// Bytes of the path of a request (RFC 3986 §3.3).
bool is_path_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$&'()*+,;=:@%/").find(c) != std::string_view::npos;
}

/// First segments of routes: those of every listener, those of `nx-signal dev`, and those reserved for pages and
/// documents.
constexpr std::array<std::string_view, 8> kRoutes{"/v1",  "/health", "/metrics", "/admin",
                                                  "/doc", "/dev",    "/page",    "/jw-certs"};

/// Requests for the stream's path never reach a route.
bool hides_a_route(std::string_view path) {
  return std::any_of(kRoutes.begin(), kRoutes.end(), [path](std::string_view root) {
    return path == root || (path.starts_with(root) && path[root.size()] == '/');
  });
}

}  // namespace

std::optional<Refusal> stream_path_check(const std::string& path) {
  const auto wrong = [&path](const char* what) {
    return Refusal{"SIGNAL_WS_PATH", fmt::format("'{}' {}", shown_value(path).substr(0, 64), what), "/stream"};
  };
  if (!path.starts_with("/")) return wrong("does not begin with /");
  if (!std::all_of(path.begin(), path.end(), is_path_byte)) return wrong("contains a character that no path can have");
  if (hides_a_route(path)) return wrong("is the path of a route, which would become unreachable");
  return std::nullopt;
}

std::optional<Refusal> queue_sizes_check(const gateway::GatewayOptions& gateway) {
  if (gateway.queued_bytes_total >= gateway.session.backpressure_bytes) return std::nullopt;
  return Refusal{"SIGNAL_WS_QUEUED_BYTES_TOTAL", "is less than SIGNAL_WS_BACKPRESSURE_BYTES, which one client may need",
                 "268435456"};
}

}  // namespace nx::config
