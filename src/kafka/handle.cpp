#include "kafka/handle.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <future>
#include <thread>
#include <unistd.h>

#include <fmt/core.h>

namespace nx::kafka {

Result<void> set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
    return fail(ErrorKind::invalid, fmt::format("Kafka setting {}: {}", name, reason.data()));
  }
  return {};
}

Result<ConfHandle> connection_conf(const ConnectionOptions& options) {
  ConfHandle conf{rd_kafka_conf_new()};
  const bool sasl = !options.sasl_mechanism.empty();
  const char* protocol = options.tls ? (sasl ? "sasl_ssl" : "ssl") : (sasl ? "sasl_plaintext" : "plaintext");
  struct Setting {
    const char* name;
    std::string value;
  };
  for (const Setting& one : {Setting{"bootstrap.servers", options.brokers}, Setting{"client.id", "nx-signal"},
                             Setting{"security.protocol", protocol}, Setting{"socket.keepalive.enable", "true"},
                             // A broker that hangs is noticed within this time plus the fetch's wait.
                             Setting{"socket.timeout.ms", "5000"}, Setting{"reconnect.backoff.max.ms", "2000"},
                             Setting{"log.connection.close", "false"},
                             // A topic that was made again, or a new partition, is noticed within this time.
                             Setting{"topic.metadata.refresh.interval.ms", "5000"}}) {
    if (auto done = set(conf.get(), one.name, one.value); !done) return error_of(done);
  }
  if (sasl) {
    for (const Setting& one :
         {Setting{"sasl.mechanism", options.sasl_mechanism}, Setting{"sasl.username", options.sasl_username},
          Setting{"sasl.password", options.sasl_password}}) {
      if (auto done = set(conf.get(), one.name, one.value); !done) return error_of(done);
    }
  }
  if (options.tls && !options.tls_ca.empty()) {
    if (::access(options.tls_ca.c_str(), R_OK) != 0) {
      return fail(ErrorKind::invalid, fmt::format("Kafka: CA file {}: {}; check SIGNAL_KAFKA_TLS_CA", options.tls_ca,
                                                  std::strerror(errno)));
    }
    if (auto done = set(conf.get(), "ssl.ca.location", options.tls_ca); !done) return error_of(done);
  }
  return conf;
}

Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf) {
  std::array<char, 512> reason{};
  ClientHandle client{rd_kafka_new(type, conf.get(), reason.data(), reason.size())};
  if (!client) {
    std::string text = std::string{"Kafka: "} + reason.data();
    if (text.find("ssl.ca.location") != std::string::npos) text += "; check SIGNAL_KAFKA_TLS_CA: a PEM file";
    return fail(ErrorKind::invalid, std::move(text));
  }
  static_cast<void>(conf.release());  // the client owns it now
  return client;
}

bool end_within(ClientHandle client, std::chrono::milliseconds time, std::shared_ptr<void> kept) {
  constexpr int kFlags = RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
  std::future<void> end;
  std::thread destroyer;
  try {
    std::promise<void> ended;
    end = ended.get_future();
    destroyer = std::thread{[raw = client.get(), kept, ended = std::move(ended)]() mutable {
      rd_kafka_destroy_flags(raw, kFlags);
      ended.set_value();
    }};
  } catch (const std::exception&) {  // no thread or no memory is left; this is called by destructors
    rd_kafka_destroy_flags(client.release(), kFlags);
    return true;
  }
  static_cast<void>(client.release());
  if (end.wait_for(time) == std::future_status::ready) {
    destroyer.join();
    return true;
  }
  destroyer.detach();
  return false;
}

}  // namespace nx::kafka
