#pragma once
// A redis-server with a TLS port beside its plain one.

#include "component/redis_server.hpp"

namespace nx::testing {

/// `name` is what its certificate is for, e.g. IP:127.0.0.1; the certificate signs itself.
class TlsRedisServer {
 public:
  explicit TlsRedisServer(const std::string& name) {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::string made =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=redis -addext "
        "subjectAltName=" +
        name + " -keyout " + key() + " -out " + certificate() + " >/dev/null 2>&1";
    EXPECT_EQ(std::system(made.c_str()), 0);
    server_ = std::make_unique<RedisServer>(
        std::vector<std::string>{"--tls-port", std::to_string(port), "--tls-cert-file", certificate(), "--tls-key-file",
                                 key(), "--tls-auth-clients", "no", "--tls-ca-cert-file", certificate()});
  }
  ~TlsRedisServer() { std::filesystem::remove_all(folder_); }
  TlsRedisServer(const TlsRedisServer&) = delete;
  TlsRedisServer& operator=(const TlsRedisServer&) = delete;

  std::string certificate() const { return (folder_ / "redis.crt").string(); }
  RedisServer& server() { return *server_; }

  const std::uint16_t port = free_port();

 private:
  std::string key() const { return (folder_ / "redis.key").string(); }

  std::filesystem::path folder_;
  std::unique_ptr<RedisServer> server_;
};

}  // namespace nx::testing
