#include <fmt/core.h>

#include "dev/dev_routes.hpp"
#include "dev/loopback_guard.hpp"
#include "dev/page_assets.hpp"

namespace nx::dev {

namespace {

/// The WebSocket of the same host is written out, because older browsers do not count it as 'self'. The guard has
/// checked Host; without Host it is omitted.
std::string content_security_policy(const transport::HttpRequest& request) {
  const std::string_view host = request.header("host");
  const std::string stream =
      is_loopback_host(host) ? (request.over_tls ? " wss://" : " ws://") + std::string(host) : "";
  return fmt::format(
      "default-src 'self'; connect-src 'self'{}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
      "object-src 'none'",
      stream);
}

transport::HttpResponse serve(const transport::HttpRequest& request, std::string_view name) {
  const auto asset = find_asset(name);
  if (!asset) return refusal(404, "no such file of the page");
  return {200,
          {{"content-type", std::string(asset->type)},
           {"content-security-policy", content_security_policy(request)},
           {"x-content-type-options", "nosniff"},
           {"referrer-policy", "no-referrer"},
           {"cross-origin-opener-policy", "same-origin"},
           {"cross-origin-resource-policy", "same-origin"},
           {"cache-control", "no-store"}},
          std::string(asset->content)};
}

}  // namespace

void add_page_routes(rest::Router& router) {
  router.add("GET", "/",
             [](const transport::HttpRequest& request, const rest::RouteParameters&, runtime::EventLoop&,
                const transport::Respond& respond) { respond(serve(request, "index.html")); });
  router.add("GET", "/page/{file}",
             [](const transport::HttpRequest& request, const rest::RouteParameters& parameters, runtime::EventLoop&,
                const transport::Respond& respond) { respond(serve(request, parameters.path.at("file"))); });
}

}  // namespace nx::dev
