#include "config/files.hpp"

#include <utility>

#include <fmt/core.h>

#include "config/regular_file.hpp"
#include "config/url_redaction.hpp"

namespace nx::config {

std::optional<Refusal> unreadable_file(const Configuration& c) {
  struct Named {
    const char* variable;
    const std::string& path;
    const char* example;
  };
  for (const auto& [variable, path, example] :
       {Named{"SIGNAL_TLS_CERT", c.gateway.tls_cert, "/etc/signal/tls.crt"},
        Named{"SIGNAL_TLS_KEY", c.gateway.tls_key, "/etc/signal/tls.key"},
        Named{"SIGNAL_JWKS_TLS_CA", c.auth.jwks_tls_ca, "/etc/ssl/identity-ca.pem"},
        Named{"SIGNAL_REDIS_TLS_CA", c.redis_tls_ca, "/etc/ssl/redis-ca.pem"},
        Named{"SIGNAL_KAFKA_TLS_CA", c.kafka.tls_ca, "/etc/ssl/kafka-ca.pem"}}) {
    if (path.empty()) continue;
    if (const std::string why = why_unreadable(path); !why.empty()) {
      return Refusal{variable, fmt::format("'{}' cannot be read: {}", shown_value(path), why), example};
    }
  }
  return std::nullopt;
}

}  // namespace nx::config
