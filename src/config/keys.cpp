#include "config/configuration.hpp"

namespace nx::config {

// clang-format off
#define NX_MEMBER(type, path) Key::Member{static_cast<Key::type>([](Configuration& c) -> auto& { return c.path; })}

const std::vector<Key>& keys() {
  using enum Key::Secrecy;
  static const std::vector<Key> table = {
    {"SIGNAL_HTTP_HOST", NX_MEMBER(Text, gateway.host), "0.0.0.0", "address to listen on", "127.0.0.1", open, {}, "APP_ENV_SERVER_HOST"},
    {"SIGNAL_HTTP_PORT", NX_MEMBER(Port, gateway.port), "3000", "one listener for WebSocket and REST; 0 picks a free port", "3000", open, {}, "APP_ENV_SERVER_PORT"},
    {"SIGNAL_ADMIN_LISTEN", NX_MEMBER(Text, admin_listen), "127.0.0.1:9464", "metrics and detailed readiness; empty switches it off", "127.0.0.1:9464"},
    {"SIGNAL_TLS_CERT", NX_MEMBER(Text, gateway.tls_cert), "", "PEM file; with SIGNAL_TLS_KEY the listener speaks TLS, reloaded on SIGHUP", "/etc/signal/tls.crt"},
    {"SIGNAL_TLS_KEY", NX_MEMBER(Text, gateway.tls_key), "", "PEM file of the private key", "/etc/signal/tls.key"},
    {"SIGNAL_TLS_TERMINATED", NX_MEMBER(Switch, tls_terminated), "false", "something in front speaks TLS", "true"},
    {"SIGNAL_TRUSTED_PROXIES", NX_MEMBER(List, gateway.trusted_proxies), "", "CIDRs whose X-Forwarded-For or PROXY v2 header names the client", "10.0.0.0/8,127.0.0.1/32"},
    {"SIGNAL_WS_PATH", NX_MEMBER(Text, gateway.ws_path), "/stream", "matched exactly; no path of a route", "/stream"},
    {"SIGNAL_WORKERS", NX_MEMBER(Small, gateway.workers), "0", "I/O threads; 0: one for each of up to 4 cores, of more cores some are left to other work", "2"},
    {"SIGNAL_JWKS_URL", NX_MEMBER(Text, auth.jwks_url), "", "the identity service's key set", "https://identity.internal/jw-certs", url},
    {"SIGNAL_JWKS_TTL_MS", NX_MEMBER(Milliseconds, auth.jwks_ttl), "43200000", "how long a fetched key set is good", "43200000"},
    {"SIGNAL_JWKS_COOLDOWN_MS", NX_MEMBER(Milliseconds, auth.jwks_cooldown), "30000", "least time between refetches for unknown keys", "30000"},
    {"SIGNAL_JWKS_TIMEOUT_MS", NX_MEMBER(Milliseconds, auth.jwks_timeout), "5000", "one fetch", "5000"},
    {"SIGNAL_JWKS_TLS_CA", NX_MEMBER(Text, auth.jwks_tls_ca), "", "PEM file for a key set behind a private CA; the system's when empty", "/etc/ssl/identity-ca.pem"},
    {"SIGNAL_JWT_ISSUER", NX_MEMBER(OptionalText, auth.issuer), "", "checked when given", "https://identity.internal"},
    {"SIGNAL_JWT_AUDIENCE", NX_MEMBER(OptionalText, auth.audience), "", "checked when given", "signal"},
    {"SIGNAL_JWT_APPLICATION_SECRET", NX_MEMBER(Text, auth.application_secret), "", "decrypts encrypted payload claims", "(at least 16 characters)", secret, {}, "APP_ENV_APPLICATION_SECRET"},
    {"SIGNAL_JWT_PAYLOAD_CIPHER", NX_MEMBER(Text, auth.payload_cipher), "auto", "cipher of encrypted payload claims", "auto", open, {"auto", "aes-256-cbc", "aes-256-gcm"}},
    {"SIGNAL_REDIS_URL", NX_MEMBER(Text, redis_url), "", "the bus between services and instances", "redis://:password@redis:6379", url},
    {"SIGNAL_REDIS_TLS_CA", NX_MEMBER(Text, redis_tls_ca), "", "PEM file; the system's when empty", "/etc/ssl/redis-ca.pem"},
    {"SIGNAL_BUS_SUBSCRIPTION", NX_MEMBER(Text, bus_subscription), "patterns", "subscribe to patterns, or exactly to who is here", "exact", open, {"patterns", "exact"}},
    {"SIGNAL_BUS_COMPAT", NX_MEMBER(Switch, bus_compat), "false", "IGNIS instances share this Redis", "true"},
    {"SIGNAL_KAFKA_BROKERS", NX_MEMBER(Text, kafka.brokers), "", "comma-separated", "kafka-1:9092,kafka-2:9092", open, {}, "APP_ENV_KAFKA_BROKERS"},
    {"SIGNAL_KAFKA_GROUP_ID", NX_MEMBER(Text, kafka.group_id), "signal", "consumer group", "signal"},
    {"SIGNAL_KAFKA_TOPIC", NX_MEMBER(Text, kafka.topic), "signal.activity-notification", "where activities arrive", "signal.activity-notification"},
    {"SIGNAL_KAFKA_OFFSET_RESET", NX_MEMBER(Text, kafka.offset_reset), "earliest", "where a group without offsets begins", "earliest", open, {"earliest", "latest"}},
    {"SIGNAL_KAFKA_ASSIGNOR", NX_MEMBER(Text, kafka.assignor), "roundrobin", "partition assignment; every member of the group must share one", "roundrobin", open, {"roundrobin", "range"}},
    {"SIGNAL_KAFKA_SESSION_TIMEOUT_MS", NX_MEMBER(Milliseconds, kafka.session_timeout), "15000", "a silent member's partitions go to others after this", "15000"},
    {"SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS", NX_MEMBER(Milliseconds, kafka.max_poll_interval), "300000", "a member that has not polled for that long leaves the group", "300000"},
    {"SIGNAL_KAFKA_INSTANCE_ID", NX_MEMBER(Text, kafka.instance_id), "", "static membership when given", "signal-0"},
    {"SIGNAL_KAFKA_SASL_MECHANISM", NX_MEMBER(Text, kafka.sasl_mechanism), "", "none when empty", "SCRAM-SHA-512", open, {"", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}},
    {"SIGNAL_KAFKA_SASL_USERNAME", NX_MEMBER(Text, kafka.sasl_username), "", "with a mechanism", "signal"},
    {"SIGNAL_KAFKA_SASL_PASSWORD", NX_MEMBER(Text, kafka.sasl_password), "", "with a mechanism", "(a secret)", secret},
    {"SIGNAL_KAFKA_TLS", NX_MEMBER(Switch, kafka.tls), "false", "TLS to the brokers", "true"},
    {"SIGNAL_KAFKA_TLS_CA", NX_MEMBER(Text, kafka.tls_ca), "", "PEM file; the system's when empty", "/etc/ssl/kafka-ca.pem"},
    {"SIGNAL_KAFKA_DLQ_TOPIC", NX_MEMBER(Text, kafka.dlq_topic), "", "where messages go that can never be handled", "signal.activity-notification.dlq"},
    {"SIGNAL_KAFKA_BOOT_TIMEOUT_MS", NX_MEMBER(Milliseconds, kafka.boot_timeout), "10000", "brokers and topics must answer within it", "10000"},
    {"SIGNAL_DATABASE_URL", NX_MEMBER(Text, database_url), "", "postgresql://… or sqlite:PATH", "sqlite:/var/lib/signal/signal.sqlite", url},
    {"SIGNAL_DATABASE_SCHEMA", NX_MEMBER(Text, database_schema), "signal", "PostgreSQL schema of Signal's own tables", "signal"},
    {"SIGNAL_DATABASE_BOOT_TIMEOUT_MS", NX_MEMBER(Milliseconds, database_boot_timeout), "10000", "tried that long at boot", "10000"},
    {"SIGNAL_RETENTION_DAYS", NX_MEMBER(Count, retention_days), "0", "older notifications are dropped; 0 keeps everything", "365"},
    {"SIGNAL_POLICY_TABLE", NX_MEMBER(Text, policy_table), "identity.PolicyDefinition", "where membership is read", "identity.PolicyDefinition"},
    {"SIGNAL_POLICY_MEMBERSHIP_VARIANTS", NX_MEMBER(List, membership_variants), "join_domain,group", "variants that make a member", "join_domain,group"},
    {"SIGNAL_HINT_MAX_AGE_MS", NX_MEMBER(Milliseconds, notify.hint_max_age), "3600000", "older records are stored, not pushed", "3600000"},
    {"SIGNAL_EXTRA_FIELDS", NX_MEMBER(Text, kafka.extra_fields), "*", "unknown message fields that recipients see in `extra`", "colour,till"},
    {"SIGNAL_WS_AUTH_TIMEOUT_MS", NX_MEMBER(Milliseconds, gateway.auth_timeout), "5000", "until `authenticate`; three times that until it is done", "5000"},
    {"SIGNAL_WS_HEARTBEAT_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.heartbeat_interval), "30000", "sweep period", "30000"},
    {"SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", NX_MEMBER(Milliseconds, gateway.heartbeat_timeout), "90000", "allowed silence", "90000"},
    {"SIGNAL_WS_PING_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.ping_interval), "25000", "WebSocket ping after that much outbound silence", "25000"},
    {"SIGNAL_WS_ROOM_CHECK_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.room_check_interval), "60000", "how often membership of the rooms in use is read again; after three times that without an answer they are closed", "60000"},
    {"SIGNAL_WS_MAX_MESSAGE_BYTES", NX_MEMBER(Count, gateway.max_message_bytes), "131072", "one inbound message", "131072"},
    {"SIGNAL_WS_MAX_PUSH_BYTES", NX_MEMBER(Count, max_push_bytes), "262144", "one bus message", "262144"},
    {"SIGNAL_WS_BACKPRESSURE_BYTES", NX_MEMBER(Count, gateway.backpressure_bytes), "1048576", "queued per client before it may count as slow", "1048576"},
    {"SIGNAL_WS_QUEUED_BYTES_TOTAL", NX_MEMBER(Count, gateway.queued_bytes_total), "268435456", "queued in all; over it the fullest clients are closed first", "268435456"},
    {"SIGNAL_WS_MAX_CONNECTIONS", NX_MEMBER(Count, gateway.max_connections), "0", "0: by the descriptor limit", "20000"},
    {"SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS", NX_MEMBER(Count, gateway.max_connections_per_address), "500", "0 is no limit", "500"},
    {"SIGNAL_WS_MAX_HANDSHAKES", NX_MEMBER(Count, gateway.max_handshakes), "1000", "handshakes in flight; 0 is no limit", "1000"},
    {"SIGNAL_WS_MAX_CONNECTIONS_PER_USER", NX_MEMBER(Count, gateway.max_connections_per_user), "20", "over it the user's connection that has been silent longest is closed; 0 is no limit", "20"},
    {"SIGNAL_WS_MESSAGES_PER_SECOND", NX_MEMBER(Rate, gateway.messages_per_second), "20", "inbound per client, burst 100; 0 is no limit", "20"},
    {"SIGNAL_WS_TOKEN_EXPIRY", NX_MEMBER(Text, token_expiry), "close", "an open socket whose token has expired", "ignore", open, {"close", "ignore"}},
    {"SIGNAL_ADMIN_ROLES", NX_MEMBER(List, admin_roles), "999_super-admin", "roles that may use the operator routes", "999_super-admin"},
    {"SIGNAL_ADMIN_CLAIM", NX_MEMBER(Text, auth.admin_claim), "", "a claim that must also be true for them", "isPlatformAdmin"},
    {"SIGNAL_CORS_ORIGINS", NX_MEMBER(List, gateway.cors_origins), "*", "allowed origins of browsers, also at the upgrade; https://*.pos.example is every subdomain", "https://pos.example,tauri://localhost,http://tauri.localhost"},
    {"SIGNAL_ADMIN_PAGE", NX_MEMBER(Switch, admin_page), "false", "the operators' page at /admin: not there yet, the setting does nothing", "true"},
    {"SIGNAL_OTLP_URL", NX_MEMBER(Text, otlp_url), "", "OpenTelemetry spans over OTLP/HTTP: not there yet, the setting does nothing", "http://otel:4318", url},
    {"SIGNAL_LOG_LEVEL", NX_MEMBER(Text, log_level), "info", "least level written", "debug", open, {"trace", "debug", "info", "warn", "error"}},
    {"SIGNAL_LOG_FORMAT", NX_MEMBER(Text, log_format), "", "json, or text; empty is text on a terminal", "json", open, {"", "json", "text"}},
    {"SIGNAL_DRAIN_MS", NX_MEMBER(Milliseconds, gateway.drain), "5000", "not accepting, before the first close", "5000"},
    {"SIGNAL_SHUTDOWN_GRACE_MS", NX_MEMBER(Milliseconds, gateway.shutdown_grace), "20000", "closes are spread over it; with SIGNAL_DRAIN_MS within the 30 s that Kubernetes gives", "20000"},
  };
  return table;
}
#undef NX_MEMBER
// clang-format on

}  // namespace nx::config
