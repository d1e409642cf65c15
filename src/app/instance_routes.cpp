// The routes of an instance, and what it says about itself on them.

#include <utility>

#include "admin/page_routes.hpp"
#include "app/instance.hpp"
#include "app/instance_description.hpp"
#include "json/value.hpp"
#include "rest/documents.hpp"
#include "rest/health.hpp"
#include "rest/notifications.hpp"
#include "rest/operator_routes.hpp"

namespace nx::app {

void Instance::add_routes() {
  const rest::HealthProbes probes{.accepting = [this] { return accepting(); }, .ready = [this] { return ready(); }};
  rest::add_health_routes(router_, probes);
  rest::add_document_routes(router_);
  rest::add_health_routes(
      admin_router_, {.accepting = probes.accepting, .ready = probes.ready, .details = [this] { return readiness(); }});
  admin_router_.add("GET", "/metrics",
                    [this](transport::HttpRequest request, const rest::RouteParameters&, runtime::EventLoop&,
                           transport::Respond respond) { respond(metrics_response(request, metric_sources())); });
  const rest::Authenticate authenticate = [this](std::string token, const std::string& peer, runtime::EventLoop& home,
                                                 auto done) {
    authenticator_->authenticate(std::move(token), home, std::move(done), peer);
  };
  const rest::OperatorRoutes operator_routes{.authenticate = authenticate,
                                             .roles = configuration_.admin_roles,
                                             .claim_wanted = !configuration_.auth.admin_claim.empty(),
                                             .operators = *operators_,
                                             .readers = *readers_,
                                             .log = log_};
  rest::add_operator_routes(router_, operator_routes);
  rest::add_instance_routes(router_, operator_routes, [this](std::string channel, std::string message) {
    publish(std::move(channel), std::move(message));
  });
  if (configuration_.admin_page) admin::add_page_routes(router_, configuration_.gateway.ws_path);
  rest::add_delivery_routes(router_, operator_routes, configuration_.notify.hint_max_age);
  rest::add_dead_letter_routes(router_, operator_routes, dead_letters_.get());
  rest::add_notification_routes(router_, {.authenticate = authenticate,
                                          .readers = *readers_,
                                          .tell_user = delivery::tell_user(gateway_->fan_out(), bus_hints_),
                                          .log = log_});
}

std::string Instance::readiness() const {
  const auto state = [](bool well) { return json::Value::string(well ? "ok" : "away"); };
  return json::write(json::Value::object({{"status", json::Value::string(ready() ? "ok" : "unavailable")},
                                          {"accepting", json::Value::boolean(accepting())},
                                          {"database", state(watch_->reachable())},
                                          {"kafka", state(consumer_->connected())},
                                          {"redis", bus_ ? state(bus_->connected()) : json::Value()},
                                          {"holdingBatch", json::Value::boolean(consumer_->holding())}}));
}

MetricSources Instance::metric_sources() const {
  return {.gateway = *gateway_,
          .authenticator = *authenticator_,
          .consumer = *consumer_,
          .notified = *notified_,
          .broadcasts = *broadcasts_,
          .relay = *relay_,
          .operators = *operators_,
          .bus = bus_.get(),
          .maintenance = listening_.load(std::memory_order_acquire) ? maintenance_.get() : nullptr,
          .revocation_failures = revocations_->failures(),
          .database_reachable = watch_->reachable(),
          .ready = ready(),
          .tracer = tracer_.get(),
          .log = log_};
}

contract::InstanceRecord Instance::description() const {
  return instance_description({.address = gateway_->address(), .started_at = started_at_}, metric_sources());
}

}  // namespace nx::app
