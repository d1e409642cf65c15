#include "rest/health.hpp"

#include "rest/replies.hpp"

namespace nx::rest {
namespace {

RouteHandler status_route(std::function<bool()> well) {
  return [well = std::move(well)](transport::HttpRequest, const RouteParameters&, runtime::EventLoop&,
                                  transport::Respond respond) {
    respond(well() ? json_reply(R"({"status":"ok"})") : json_reply(R"({"status":"unavailable"})", 503));
  };
}

}  // namespace

void add_health_routes(Router& router, const HealthProbes& probes) {
  const auto alive = [] { return true; };
  router.add("GET", "/health", status_route(alive));
  router.add("GET", "/health/live", status_route(alive));
  router.add("GET", "/health/accept", status_route(probes.accepting));
  if (!probes.details) return router.add("GET", "/health/ready", status_route(probes.ready));
  router.add("GET", "/health/ready",
             [probes](transport::HttpRequest, const RouteParameters&, runtime::EventLoop&, transport::Respond respond) {
               respond(json_reply(probes.details(), probes.ready() ? 200 : 503));
             });
}

}  // namespace nx::rest
