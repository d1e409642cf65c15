#include "app/configuration_files.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/stat.h>

namespace nx::app {
namespace {

std::string why_unreadable(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::generic_category().message(errno);
  if (!S_ISREG(found.st_mode)) return "is no regular file";
  return ::access(path.c_str(), R_OK) == 0 ? "" : std::generic_category().message(errno);
}

}  // namespace

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
      std::string problem = "'";
      problem.append(path).append("' can not be read: ").append(why);
      return Refusal{variable, std::move(problem), example};
    }
  }
  return std::nullopt;
}

}  // namespace nx::app
