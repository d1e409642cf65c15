#include "config/checks.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <fmt/format.h>

#include "config/host_names.hpp"
#include "config/kafka_checks.hpp"
#include "config/listen_address.hpp"
#include "config/stream_checks.hpp"
#include "config/url_redaction.hpp"
#include "redis/redis_url.hpp"
#include "store/database.hpp"
#include "store/postgres_store.hpp"
#include "transport/cidr.hpp"

namespace nx::config {
namespace {

using Check = std::optional<Refusal>;

Check database_url(const std::string& value) {
  const auto begins = [&value](std::string_view scheme) {
    return value.starts_with(scheme) && value.size() > scheme.size();
  };
  if (value.empty() || std::ranges::any_of(store::kDatabaseSchemes, begins)) return std::nullopt;
  return Refusal{
      "SIGNAL_DATABASE_URL",
      fmt::format("'{}' does not begin with one of {}", redact_url(value), fmt::join(store::kDatabaseSchemes, ", ")),
      "sqlite:/var/lib/signal/signal.sqlite"};
}

Check http_url(const char* variable, const std::string& value, const char* example) {
  if (value.empty() || is_http_url(value)) return std::nullopt;
  return Refusal{variable, fmt::format("'{}' is not an http:// or https:// URL with a host", redact_url(value)),
                 example};
}

/// `/v1/traces` is appended to it.
Check collector(const std::string& value) {
  const bool is_whole = value.find("/v1/traces") != std::string::npos;
  if (!is_whole && value.find_first_of("?#") == std::string::npos) return std::nullopt;
  return Refusal{"SIGNAL_OTLP_URL",
                 fmt::format("'{}' {}; /v1/traces is appended to it", redact_url(value),
                             is_whole ? "has the path /v1/traces" : "has a query or a fragment"),
                 "http://127.0.0.1:4318"};
}

Check host(const std::string& value) {
  if (is_host(value)) return std::nullopt;
  return Refusal{"SIGNAL_HTTP_HOST", fmt::format("'{}' is not a host name or address", shown_value(value)), "0.0.0.0"};
}

/// host:port, or empty.
Check listen_address(const std::string& value) {
  const auto parsed = parse_listen_address(value);
  if (value.empty() || (parsed && is_host(parsed->host))) return std::nullopt;
  return Refusal{"SIGNAL_ADMIN_LISTEN", fmt::format("'{}' is not of the form host:port", shown_value(value)),
                 "127.0.0.1:9464"};
}

/// Refuses a CA for a link without TLS, because its owner believes that the link has TLS.
Check unused_ca(const char* variable, const std::string& ca, bool tls, const char* needs) {
  if (ca.empty() || tls) return std::nullopt;
  return Refusal{variable, std::string("is set for a link without TLS; ") + needs, "/etc/ssl/ca.pem"};
}

struct Range {
  const char* variable;
  double least, most;
};

// Bounds that the types of the members and the libraries behind them require; they also exclude values that would leave
// no time or no room at all.
constexpr double kInt = 2'147'483'647;
constexpr Range kRanges[] = {{"SIGNAL_JWKS_TTL_MS", 1, 31'536'000'000},
                             {"SIGNAL_JWKS_TIMEOUT_MS", 1, kInt},
                             {"SIGNAL_KAFKA_SESSION_TIMEOUT_MS", 1, 3'600'000},
                             {"SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS", 1, 86'400'000},
                             {"SIGNAL_KAFKA_BOOT_TIMEOUT_MS", 1, kInt},
                             {"SIGNAL_DATABASE_BOOT_TIMEOUT_MS", 0, kInt},
                             {"SIGNAL_RETENTION_DAYS", 0, 36'500},
                             {"SIGNAL_WS_AUTH_TIMEOUT_MS", 1, kInt},
                             {"SIGNAL_WS_HEARTBEAT_INTERVAL_MS", 1, kInt},
                             {"SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", 1, kInt},
                             {"SIGNAL_WS_PING_INTERVAL_MS", 0, kInt},
                             {"SIGNAL_WS_ROOM_CHECK_INTERVAL_MS", 100, 3'600'000},
                             {"SIGNAL_WS_MAX_MESSAGE_BYTES", 16'384, 1'073'741'824},  // `authenticate` needs this size
                             {"SIGNAL_WS_MAX_PUSH_BYTES", 1, 1'073'741'824},
                             {"SIGNAL_WS_BACKPRESSURE_BYTES", 1, kInt},
                             {"SIGNAL_WS_QUEUED_BYTES_TOTAL", 1, 1e15},
                             {"SIGNAL_WS_MAX_CONNECTIONS", 0, kInt},
                             {"SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS", 0, kInt},
                             {"SIGNAL_WS_MAX_HANDSHAKES", 0, kInt},
                             {"SIGNAL_WS_MAX_CONNECTIONS_PER_USER", 0, kInt},
                             {"SIGNAL_WS_MESSAGES_PER_SECOND", 0, 1'000'000},
                             {"SIGNAL_TRACE_RATIO", 0, 1},
                             {"SIGNAL_DRAIN_MS", 0, 86'400'000},
                             {"SIGNAL_SHUTDOWN_GRACE_MS", 0, 86'400'000}};

struct NumberOf {
  Configuration& configuration;
  double operator()(Key::Count member) const { return static_cast<double>(member(configuration)); }
  double operator()(Key::Milliseconds member) const { return static_cast<double>(member(configuration).count()); }
  double operator()(Key::Rate member) const { return member(configuration); }
  template <class Member>
  double operator()(Member) const {
    return 0;
  }
};

Check ranges(const Configuration& configuration) {
  Configuration copy = configuration;
  for (const Range& range : kRanges) {
    const auto key = std::find_if(keys().begin(), keys().end(),
                                  [&](const Key& one) { return std::string_view(one.variable) == range.variable; });
    const double value = std::visit(NumberOf{copy}, key->member);
    if (value >= range.least && value <= range.most) continue;
    char limits[96];
    std::snprintf(limits, sizeof limits,
                  value < 1e18 ? "'%.15g' is not between %.0f and %.0f" : "'%g' is not between %.0f and %.0f", value,
                  range.least, range.most);
    return Refusal{range.variable, limits, fmt::format("{}={}", range.variable, key->example)};
  }
  return std::nullopt;
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
  return Refusal{"SIGNAL_TRUSTED_PROXIES", fmt::format("'{}' is not a CIDR", shown_value(*bad)),
                 "10.0.0.0/8,127.0.0.1/32"};
}

Check redis_link(const std::string& given) {
  if (given.empty()) return std::nullopt;
  const auto parsed = redis::parse_redis_url(given);
  if (!parsed) return Refusal{"SIGNAL_REDIS_URL", parsed.error().message, "redis://:password@redis:6379"};
  for (const redis::Node& node : parsed->nodes) {
    if (!is_host(node.host)) {  // not shown, because without an @ after it this may be a password
      return Refusal{"SIGNAL_REDIS_URL", fmt::format("'{}' has an invalid host", redact_url(given)),
                     "redis://:password@redis:6379"};
    }
  }
  return std::nullopt;
}

Check database(const std::string& given) {
  if (!given.starts_with("postgres")) return std::nullopt;
  const auto read = store::check_postgres_url(given);
  if (read) return std::nullopt;
  return Refusal{"SIGNAL_DATABASE_URL", read.error().message, "postgresql://signal:password@db:5432/signal"};
}

/// An in-memory database ends with the process, and every connection would see a separate one.
Check sqlite_file(const std::string& given) {
  if (given != "sqlite::memory:") return std::nullopt;
  return Refusal{"SIGNAL_DATABASE_URL", "'sqlite::memory:' is not a file", "sqlite:/var/lib/signal/signal.sqlite"};
}

/// PostgreSQL truncates longer names and reserves the prefix pg_.
Check schema(const std::string& name) {
  constexpr std::size_t kLongest = 63;
  const bool reserved = name.starts_with("pg_");
  if (!reserved && name.size() <= kLongest) return std::nullopt;
  const std::string shown = name.substr(0, kLongest + 1);
  return Refusal{"SIGNAL_DATABASE_SCHEMA",
                 reserved ? fmt::format("'{}' begins with pg_, which PostgreSQL reserves", shown)
                          : fmt::format("'{}…' is longer than 63 bytes", shown),
                 "signal"};
}

/// The issuer of `nx-signal dev`, for which anybody can sign: with a real key set every such token is refused.
Check issuer(const auth::AuthOptions& auth) {
  if (auth.jwks_url.empty() || auth.issuer != auth::kDevIssuer) return std::nullopt;
  return Refusal{"SIGNAL_JWT_ISSUER",
                 fmt::format("'{}' is the issuer of nx-signal dev, whose tokens are refused", *auth.issuer),
                 "https://identity.internal"};
}

Check variants(const std::vector<std::string>& names) {
  if (!names.empty()) return std::nullopt;
  return Refusal{"SIGNAL_POLICY_MEMBERSHIP_VARIANTS", "is empty: nobody would be a member", "join_domain,group"};
}

}  // namespace

std::optional<Refusal> refusal_of(const Configuration& c) {
  const auto tls_of_redis = redis::parse_redis_url(c.redis_url);
  for (const Check& check : {
           ranges(c),
           host(c.gateway.host),
           listen_address(c.admin_listen),
           tls_pair(c.gateway),
           proxies(c.gateway.trusted_proxies),
           stream_path_check(c.gateway.ws_path),
           queue_sizes_check(c.gateway),
           http_url("SIGNAL_JWKS_URL", c.auth.jwks_url, "https://identity.internal/jw-certs"),
           unused_ca("SIGNAL_JWKS_TLS_CA", c.auth.jwks_tls_ca,
                     c.auth.jwks_url.empty() || c.auth.jwks_url.starts_with("https://"),
                     "SIGNAL_JWKS_URL must begin with https://"),
           redis_link(c.redis_url),
           unused_ca("SIGNAL_REDIS_TLS_CA", c.redis_tls_ca, !tls_of_redis || tls_of_redis->tls,
                     "SIGNAL_REDIS_URL must begin with rediss:// or rediss+cluster://"),
           kafka_check(c.kafka),
           unused_ca("SIGNAL_KAFKA_TLS_CA", c.kafka.tls_ca, c.kafka.tls, "set SIGNAL_KAFKA_TLS=true"),
           database_url(c.database_url),
           sqlite_file(c.database_url),
           schema(c.database_schema),
           issuer(c.auth),
           variants(c.membership_variants),
           database(c.database_url),
           http_url("SIGNAL_OTLP_URL", c.otlp_url, "http://127.0.0.1:4318"),
           collector(c.otlp_url),
       }) {
    if (check) return check;
  }
  return std::nullopt;
}

std::optional<Refusal> empty_check(const Loaded& loaded) {
  const Configuration& c = loaded.configuration;
  struct Given {
    const char* variable;
    const std::string& value;
    const char* example;
  };
  for (const auto& [variable, value, example] :
       {Given{"SIGNAL_ADMIN_CLAIM", c.auth.admin_claim, "isPlatformAdmin"},
        Given{"SIGNAL_KAFKA_GROUP_ID", c.kafka.group_id, "signal"},
        Given{"SIGNAL_KAFKA_TOPIC", c.kafka.topic, "signal.activity-notification"},
        Given{"SIGNAL_DATABASE_SCHEMA", c.database_schema, "signal"},
        Given{"SIGNAL_POLICY_TABLE", c.policy_table, "identity.PolicyDefinition"}}) {
    if (!value.empty() || !loaded.given.contains(variable)) continue;
    return Refusal{variable, "is set but empty: remove it, or give it a value", example};
  }
  return std::nullopt;
}

}  // namespace nx::config
