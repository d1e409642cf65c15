#include "app/configuration_checks.hpp"

#include <algorithm>
#include <initializer_list>

#include "app/listen_address.hpp"
#include "app/url_redaction.hpp"
#include "redis/redis_url.hpp"
#include "transport/cidr.hpp"

namespace nx::app {
namespace {

using Check = std::optional<Refusal>;

bool has_scheme(const std::string& url, std::initializer_list<std::string_view> schemes) {
  return std::any_of(schemes.begin(), schemes.end(),
                     [&](std::string_view scheme) { return url.starts_with(scheme) && url.size() > scheme.size(); });
}

Check url(const char* variable, const std::string& value, std::initializer_list<std::string_view> schemes,
          const char* example) {
  if (value.empty() || has_scheme(value, schemes)) return std::nullopt;
  std::string known;
  for (const std::string_view scheme : schemes) known += (known.empty() ? "" : ", ") + std::string(scheme);
  return Refusal{variable, "'" + redact_url(value) + "' does not begin with one of " + known, example};
}

Check not_zero(const char* variable, std::int64_t value, const char* example) {
  if (value != 0) return std::nullopt;
  return Refusal{variable, "'0' would leave no time or room at all", example};
}

/// host:port, or empty.
Check listen_address(const std::string& value) {
  if (value.empty() || parse_listen_address(value)) return std::nullopt;
  return Refusal{"SIGNAL_ADMIN_LISTEN", "'" + value + "' is not of the form host:port", "127.0.0.1:9464"};
}

Check tls_pair(const gateway::GatewayOptions& gateway) {
  if (gateway.tls_cert.empty() == gateway.tls_key.empty()) return std::nullopt;
  return Refusal{gateway.tls_cert.empty() ? "SIGNAL_TLS_CERT" : "SIGNAL_TLS_KEY", "is not set although its partner is",
                 "SIGNAL_TLS_CERT=/etc/signal/tls.crt SIGNAL_TLS_KEY=/etc/signal/tls.key"};
}

Check proxies(const std::vector<std::string>& ranges) {
  const auto bad = std::find_if(ranges.begin(), ranges.end(),
                                [](const std::string& range) { return !transport::Cidr::parse(range); });
  if (bad == ranges.end()) return std::nullopt;
  return Refusal{"SIGNAL_TRUSTED_PROXIES", "'" + *bad + "' is no CIDR", "10.0.0.0/8,127.0.0.1/32"};
}

Check path(const std::string& value) {
  if (value.starts_with("/")) return std::nullopt;
  return Refusal{"SIGNAL_WS_PATH", "'" + value + "' does not begin with /", "/stream"};
}

/// A name without a mechanism would silently connect without credentials.
Check sasl(const ingest::KafkaOptions& kafka) {
  const bool mechanism = !kafka.sasl_mechanism.empty();
  const auto missing = [](const char* variable, const char* partner, const char* example) {
    return Refusal{variable, std::string("is not set although ") + partner + " is", example};
  };
  if (!mechanism && !kafka.sasl_username.empty()) {
    return missing("SIGNAL_KAFKA_SASL_MECHANISM", "SIGNAL_KAFKA_SASL_USERNAME", "SCRAM-SHA-512");
  }
  if (mechanism && kafka.sasl_username.empty())
    return missing("SIGNAL_KAFKA_SASL_USERNAME", "SIGNAL_KAFKA_SASL_MECHANISM", "signal");
  if (mechanism && kafka.sasl_password.empty()) {
    return missing("SIGNAL_KAFKA_SASL_PASSWORD", "SIGNAL_KAFKA_SASL_MECHANISM",
                   "SIGNAL_KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka");
  }
  return std::nullopt;
}

Check redis_link(const std::string& given) {
  if (given.empty()) return std::nullopt;
  const auto parsed = redis::parse_redis_url(given);
  if (parsed) return std::nullopt;
  return Refusal{"SIGNAL_REDIS_URL", parsed.error().message, "redis://:password@redis:6379"};
}

Check variants(const std::vector<std::string>& names) {
  if (!names.empty()) return std::nullopt;
  return Refusal{"SIGNAL_POLICY_MEMBERSHIP_VARIANTS", "is empty: nobody would be a member", "join_domain,group"};
}

}  // namespace

std::optional<Refusal> refusal_of(const Configuration& c) {
  for (const Check& check : {
           listen_address(c.admin_listen),
           tls_pair(c.gateway),
           proxies(c.gateway.trusted_proxies),
           path(c.gateway.ws_path),
           url("SIGNAL_JWKS_URL", c.auth.jwks_url, {"https://", "http://"}, "https://identity.internal/jw-certs"),
           not_zero("SIGNAL_JWKS_TTL_MS", c.auth.jwks_ttl.count(), "43200000"),
           not_zero("SIGNAL_JWKS_TIMEOUT_MS", c.auth.jwks_timeout.count(), "5000"),
           redis_link(c.redis_url),
           sasl(c.kafka),
           url("SIGNAL_DATABASE_URL", c.database_url, {"postgresql://", "postgres://", "sqlite:"},
               "sqlite:/var/lib/signal/signal.sqlite"),
           variants(c.membership_variants),
           not_zero("SIGNAL_WS_AUTH_TIMEOUT_MS", c.gateway.auth_timeout.count(), "5000"),
           not_zero("SIGNAL_WS_HEARTBEAT_INTERVAL_MS", c.gateway.heartbeat_interval.count(), "30000"),
           not_zero("SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", c.gateway.heartbeat_timeout.count(), "90000"),
           not_zero("SIGNAL_WS_MAX_MESSAGE_BYTES", static_cast<std::int64_t>(c.gateway.max_message_bytes), "131072"),
           not_zero("SIGNAL_WS_BACKPRESSURE_BYTES", static_cast<std::int64_t>(c.gateway.backpressure_bytes), "1048576"),
           url("SIGNAL_OTLP_URL", c.otlp_url, {"https://", "http://"}, "http://otel:4318"),
       }) {
    if (check) return check;
  }
  return std::nullopt;
}

}  // namespace nx::app
