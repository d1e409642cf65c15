#include "config/configuration.hpp"

namespace nx::config {

// clang-format off
#define NX_MEMBER(type, path) Key::Member{static_cast<Key::type>([](Configuration& c) -> auto& { return c.path; })}

const std::vector<Key>& keys() {
  using enum Key::Secrecy;
  static const std::vector<Key> table = {
    {"SIGNAL_HTTP_HOST", NX_MEMBER(Text, gateway.host), "0.0.0.0", "address to listen on", "127.0.0.1", open, {}, "APP_ENV_SERVER_HOST"},
    {"SIGNAL_HTTP_PORT", NX_MEMBER(Port, gateway.port), "3000", "one listener for WebSocket and REST; 0 picks a free port", "3000", open, {}, "APP_ENV_SERVER_PORT"},
    {"SIGNAL_ADMIN_LISTEN", NX_MEMBER(Text, admin_listen), "127.0.0.1:9464", "listener for metrics and readiness with details; no listener if empty", "127.0.0.1:9464"},
    {"SIGNAL_TLS_CERT", NX_MEMBER(Text, gateway.tls_cert), "", "PEM file of the certificate; with SIGNAL_TLS_KEY the listener uses TLS; reloaded on SIGHUP", "/etc/signal/tls.crt"},
    {"SIGNAL_TLS_KEY", NX_MEMBER(Text, gateway.tls_key), "", "PEM file of the private key", "/etc/signal/tls.key"},
    {"SIGNAL_TLS_TERMINATED", NX_MEMBER(Switch, gateway.tls_terminated), "false", "a proxy in front terminates TLS", "true"},
    {"SIGNAL_TRUSTED_PROXIES", NX_MEMBER(List, gateway.trusted_proxies), "", "CIDRs whose X-Forwarded-For or PROXY v2 header names the client", "10.0.0.0/8,127.0.0.1/32"},
    {"SIGNAL_WS_PATH", NX_MEMBER(Text, gateway.ws_path), "/stream", "path of the WebSocket, matched exactly; must not be the path of a route", "/stream"},
    {"SIGNAL_WORKERS", NX_MEMBER(Small, gateway.workers), "0", "I/O threads; 0: one for each core of a machine with up to 4 cores; on larger machines some cores are left for other work", "2"},
    {"SIGNAL_JWKS_URL", NX_MEMBER(Text, auth.jwks_url), "", "the identity service's key set", "https://identity.internal/jw-certs", url},
    {"SIGNAL_JWKS_TTL_MS", NX_MEMBER(Milliseconds, auth.jwks_ttl), "43200000", "how long a fetched key set is valid", "43200000"},
    {"SIGNAL_JWKS_COOLDOWN_MS", NX_MEMBER(Milliseconds, auth.jwks_cooldown), "30000", "minimum time between fetches for unknown keys", "30000"},
    {"SIGNAL_JWKS_TIMEOUT_MS", NX_MEMBER(Milliseconds, auth.jwks_timeout), "5000", "time-out of one fetch", "5000"},
    {"SIGNAL_JWKS_TLS_CA", NX_MEMBER(Text, auth.jwks_tls_ca), "", "PEM file of the private CA of the key set; empty: the system's CAs", "/etc/ssl/identity-ca.pem"},
    {"SIGNAL_JWT_ISSUER", NX_MEMBER(OptionalText, auth.issuer), "", "expected issuer; not checked if unset", "https://identity.internal"},
    {"SIGNAL_JWT_AUDIENCE", NX_MEMBER(OptionalText, auth.audience), "", "expected audience; not checked if unset", "signal"},
    {"SIGNAL_JWT_APPLICATION_SECRET", NX_MEMBER(Text, auth.application_secret), "", "secret that decrypts encrypted payload claims", "(at least 16 characters)", secret, {}, "APP_ENV_APPLICATION_SECRET"},
    {"SIGNAL_JWT_PAYLOAD_CIPHER", NX_MEMBER(Text, auth.payload_cipher), "auto", "cipher of encrypted payload claims", "auto", open, {"auto", "aes-256-cbc", "aes-256-gcm"}},
    {"SIGNAL_REDIS_URL", NX_MEMBER(Text, redis_url), "", "the bus between services and instances", "redis://:password@redis:6379", url},
    {"SIGNAL_REDIS_TLS_CA", NX_MEMBER(Text, redis_tls_ca), "", "PEM file of the CA; empty: the system's CAs", "/etc/ssl/redis-ca.pem"},
    {"SIGNAL_BUS_SUBSCRIPTION", NX_MEMBER(Text, bus_subscription), "patterns", "subscribe to patterns, or to the exact channels of connected clients", "exact", open, {"patterns", "exact"}},
    {"SIGNAL_BUS_COMPAT", NX_MEMBER(Switch, bus_compat), "false", "IGNIS instances share this Redis", "true"},
    {"SIGNAL_KAFKA_BROKERS", NX_MEMBER(Text, kafka.brokers), "", "host:port of the brokers, comma-separated", "kafka-1:9092,kafka-2:9092", open, {}, "APP_ENV_KAFKA_BROKERS"},
    {"SIGNAL_KAFKA_GROUP_ID", NX_MEMBER(Text, kafka.group_id), "signal", "consumer group", "signal"},
    {"SIGNAL_KAFKA_TOPIC", NX_MEMBER(Text, kafka.topic), "signal.activity-notification", "topic of the activities", "signal.activity-notification"},
    {"SIGNAL_KAFKA_OFFSET_RESET", NX_MEMBER(Text, kafka.offset_reset), "earliest", "where a group without committed offsets begins", "earliest", open, {"earliest", "latest"}},
    {"SIGNAL_KAFKA_ASSIGNOR", NX_MEMBER(Text, kafka.assignor), "roundrobin", "partition assignor; must be the same for every member of the group", "roundrobin", open, {"roundrobin", "range"}},
    {"SIGNAL_KAFKA_SESSION_TIMEOUT_MS", NX_MEMBER(Milliseconds, kafka.session_timeout), "15000", "a silent member's partitions are given to others after this time", "15000"},
    {"SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS", NX_MEMBER(Milliseconds, kafka.max_poll_interval), "300000", "a member that has not polled for this time leaves the group", "300000"},
    {"SIGNAL_KAFKA_INSTANCE_ID", NX_MEMBER(Text, kafka.instance_id), "", "id of a static member of the group; dynamic membership if empty", "signal-0"},
    {"SIGNAL_KAFKA_SASL_MECHANISM", NX_MEMBER(Text, kafka.sasl_mechanism), "", "SASL mechanism; no SASL if empty", "SCRAM-SHA-512", open, {"", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}},
    {"SIGNAL_KAFKA_SASL_USERNAME", NX_MEMBER(Text, kafka.sasl_username), "", "user name, required with a mechanism", "signal"},
    {"SIGNAL_KAFKA_SASL_PASSWORD", NX_MEMBER(Text, kafka.sasl_password), "", "password, required with a mechanism", "(a secret)", secret},
    {"SIGNAL_KAFKA_TLS", NX_MEMBER(Switch, kafka.tls), "false", "TLS to the brokers", "true"},
    {"SIGNAL_KAFKA_TLS_CA", NX_MEMBER(Text, kafka.tls_ca), "", "PEM file of the CA; empty: the system's CAs", "/etc/ssl/kafka-ca.pem"},
    {"SIGNAL_KAFKA_DLQ_TOPIC", NX_MEMBER(Text, kafka.dlq_topic), "", "topic for messages that can never be handled; no such topic if empty", "signal.activity-notification.dlq"},
    {"SIGNAL_KAFKA_BOOT_TIMEOUT_MS", NX_MEMBER(Milliseconds, kafka.boot_timeout), "10000", "brokers and topics must answer within this time at the start", "10000"},
    {"SIGNAL_DATABASE_URL", NX_MEMBER(Text, database_url), "", "postgresql://… or sqlite:PATH", "sqlite:/var/lib/signal/signal.sqlite", url},
    {"SIGNAL_DATABASE_SCHEMA", NX_MEMBER(Text, database_schema), "signal", "PostgreSQL schema of Signal's own tables", "signal"},
    {"SIGNAL_DATABASE_BOOT_TIMEOUT_MS", NX_MEMBER(Milliseconds, database_boot_timeout), "10000", "how long the start tries to open the database", "10000"},
    {"SIGNAL_RETENTION_DAYS", NX_MEMBER(Count, retention_days), "0", "older notifications are deleted; 0 keeps everything", "365"},
    {"SIGNAL_POLICY_TABLE", NX_MEMBER(Text, policy_table), "identity.PolicyDefinition", "table from which membership is read", "identity.PolicyDefinition"},
    {"SIGNAL_POLICY_MEMBERSHIP_VARIANTS", NX_MEMBER(List, membership_variants), "join_domain,group", "variants of policy rows that make a user a member", "join_domain,group"},
    {"SIGNAL_HINT_MAX_AGE_MS", NX_MEMBER(Milliseconds, notify.hint_max_age), "3600000", "older records are stored but not pushed", "3600000"},
    {"SIGNAL_EXTRA_FIELDS", NX_MEMBER(Text, kafka.extra_fields), "*", "unknown message fields that recipients see in `extra`", "colour,till"},
    {"SIGNAL_WS_AUTH_TIMEOUT_MS", NX_MEMBER(Milliseconds, gateway.session.auth_timeout), "5000", "time for `authenticate` after the upgrade; the rest of the handshake may take three times as long", "5000"},
    {"SIGNAL_WS_HEARTBEAT_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.session.heartbeat_interval), "30000", "interval between checks for silent clients", "30000"},
    {"SIGNAL_WS_HEARTBEAT_TIMEOUT_MS", NX_MEMBER(Milliseconds, gateway.session.heartbeat_timeout), "90000", "a client that is silent for longer is closed", "90000"},
    {"SIGNAL_WS_PING_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.session.ping_interval), "25000", "WebSocket ping after this time without outbound data", "25000"},
    {"SIGNAL_WS_ROOM_CHECK_INTERVAL_MS", NX_MEMBER(Milliseconds, gateway.session.room_check_interval), "60000", "how often membership of the rooms in use is checked; after three periods without an answer the rooms are closed", "60000"},
    {"SIGNAL_WS_MAX_MESSAGE_BYTES", NX_MEMBER(Count, gateway.max_message_bytes), "131072", "maximum size of an inbound message", "131072"},
    {"SIGNAL_WS_MAX_PUSH_BYTES", NX_MEMBER(Count, max_push_bytes), "262144", "maximum size of a bus message", "262144"},
    {"SIGNAL_WS_BACKPRESSURE_BYTES", NX_MEMBER(Count, gateway.session.backpressure_bytes), "1048576", "bytes queued for a client before it may count as slow", "1048576"},
    {"SIGNAL_WS_QUEUED_BYTES_TOTAL", NX_MEMBER(Count, gateway.queued_bytes_total), "268435456", "maximum number of bytes queued in total; above it the clients with the fullest queues are closed first", "268435456"},
    {"SIGNAL_WS_MAX_CONNECTIONS", NX_MEMBER(Count, gateway.max_connections), "0", "maximum number of connections; 0: by the descriptor limit", "20000"},
    {"SIGNAL_WS_MAX_CONNECTIONS_PER_ADDRESS", NX_MEMBER(Count, gateway.max_connections_per_address), "500", "maximum number of connections of one address; 0: no limit", "500"},
    {"SIGNAL_WS_MAX_HANDSHAKES", NX_MEMBER(Count, gateway.max_handshakes), "1000", "maximum number of handshakes in progress; 0: no limit", "1000"},
    {"SIGNAL_WS_MAX_CONNECTIONS_PER_USER", NX_MEMBER(Count, gateway.max_connections_per_user), "20", "maximum number of connections of one user; above it the one that has been silent for the longest time is closed; 0: no limit", "20"},
    {"SIGNAL_WS_MESSAGES_PER_SECOND", NX_MEMBER(Rate, gateway.session.messages_per_second), "20", "inbound messages of one client per second, burst 100; 0: no limit", "20"},
    {"SIGNAL_WS_TOKEN_EXPIRY", NX_MEMBER(Text, token_expiry), "close", "what happens to an open socket when its token expires", "ignore", open, {"close", "ignore"}},
    {"SIGNAL_ADMIN_ROLES", NX_MEMBER(List, admin_roles), "999_super-admin", "roles that may use the operator routes", "999_super-admin"},
    {"SIGNAL_ADMIN_CLAIM", NX_MEMBER(Text, auth.admin_claim), "", "a claim that must also be true for the operator routes", "isPlatformAdmin"},
    {"SIGNAL_CORS_ORIGINS", NX_MEMBER(List, gateway.cors_origins), "*", "allowed origins of browsers, also at the upgrade; https://*.pos.example means every subdomain", "https://pos.example,tauri://localhost,http://tauri.localhost"},
    {"SIGNAL_ADMIN_PAGE", NX_MEMBER(Switch, admin_page), "false", "serve the operators' page at /admin", "true"},
    {"SIGNAL_OTLP_URL", NX_MEMBER(Text, otlp_url), "", "collector for traces over OTLP/HTTP, without `/v1/traces`; empty: tracing is off", "http://127.0.0.1:4318", url},
    {"SIGNAL_TRACE_RATIO", NX_MEMBER(Rate, kafka.trace_ratio), "0", "part of the messages without `traceparent` that get a trace, 0 to 1; a message with this header follows its flag `sampled`", "0.01"},
    {"SIGNAL_LOG_LEVEL", NX_MEMBER(Text, log_level), "info", "lowest level that is written", "debug", open, {"trace", "debug", "info", "warn", "error"}},
    {"SIGNAL_LOG_FORMAT", NX_MEMBER(Text, log_format), "", "json or text; empty: text on a terminal, otherwise json", "json", open, {"", "json", "text"}},
    {"SIGNAL_DRAIN_MS", NX_MEMBER(Milliseconds, gateway.drain), "5000", "time with `/health/accept` at 503 before the first close", "5000"},
    {"SIGNAL_SHUTDOWN_GRACE_MS", NX_MEMBER(Milliseconds, gateway.shutdown_grace), "20000", "time over which the closes are spread. The grace period of a platform must be longer than SIGNAL_DRAIN_MS + this + 20 s (45 s with the defaults of `serve`): use for example 50 s", "20000"},
  };
  return table;
}
#undef NX_MEMBER
// clang-format on

}  // namespace nx::config
