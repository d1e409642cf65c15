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

std::optional<transport::HttpResponse> refuse_foreign_host(const transport::HttpRequest& request) {
  if (is_loopback_host(request.header("host"))) return std::nullopt;
  return refusal(403, "nx-signal dev answers on localhost, 127.0.0.1 and [::1] only: send one of these as Host");
}

std::optional<transport::HttpResponse> refuse_foreign(const transport::HttpRequest& request) {
  if (auto refused = refuse_foreign_host(request)) return refused;
  if (is_same_origin(request)) return std::nullopt;
  return refusal(403,
                 "nx-signal dev answers its own page only: send no Origin, or the one of this address. For /stream and "
                 "/v1, SIGNAL_CORS_ORIGINS can allow other pages, for example http://localhost:5173");
}

transport::HttpHandler guard_loopback(transport::HttpHandler inner, ApiOrigins api) {
  return [inner = std::move(inner), api](transport::HttpRequest request, runtime::EventLoop& home,
                                         transport::Respond respond) {
    const bool is_open = api == ApiOrigins::configured && request.path.starts_with("/v1/");
    if (auto refused = is_open ? refuse_foreign_host(request) : refuse_foreign(request)) {
      return respond(std::move(*refused));
    }
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
