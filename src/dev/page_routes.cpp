#include <fmt/core.h>

#include "dev/dev_routes.hpp"
#include "dev/loopback_guard.hpp"
#include "dev/page_files.hpp"

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
  const auto asset = web::find_asset(page_files(), name);
  if (!asset) return refusal(404, "no such file of the page");
  return web::page_reply(std::string(asset->content), asset->type, content_security_policy(request));
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
