#include "dev/loopback_guard.hpp"

#include "json/value.hpp"
#include "transport/host_names.hpp"
#include "transport/http_token.hpp"

namespace nx::dev {

bool is_loopback_host(std::string_view host) {
  static const transport::HostNames own = transport::HostNames::loopback();
  return own.has(host);
}

bool is_same_origin(const transport::HttpRequest& request) {
  if (!request.has_header("origin")) return true;
  const std::string own = (request.over_tls ? "https://" : "http://") + std::string(request.header("host"));
  return transport::same_ignoring_case(request.header("origin"), own);
}

bool has_side_effect_header(const transport::HttpRequest& request) {
  return request.header("x-signal-dev") == "1";
}

std::optional<transport::HttpResponse> refuse_foreign(const transport::HttpRequest& request) {
  if (!is_loopback_host(request.header("host"))) {
    return refusal(403, "nx-signal dev answers on localhost, 127.0.0.1 and [::1] only: send one of these as Host");
  }
  if (!is_same_origin(request)) {
    return refusal(403, "nx-signal dev answers its own page only: send no Origin, or the one of this address");
  }
  return std::nullopt;
}

transport::HttpHandler guard_loopback(transport::HttpHandler inner) {
  return
      [inner = std::move(inner)](transport::HttpRequest request, runtime::EventLoop& home, transport::Respond respond) {
        if (auto refused = refuse_foreign(request)) return respond(std::move(*refused));
        inner(std::move(request), home, std::move(respond));
      };
}

transport::HttpResponse refusal(int status, std::string_view message) {
  const json::Value body = json::Value::object({{"message", json::Value::string(std::string(message))},
                                                {"statusCode", json::Value::number(std::int64_t{status})},
                                                {"details", json::Value::object()}});
  return {status,
          {{"content-type", "application/json"}, {"cache-control", "no-store"}, {"x-content-type-options", "nosniff"}},
          json::write(body)};
}

}  // namespace nx::dev
