#include "kafka/boot_check.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>

namespace nx::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool refuses_credentials(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED;
}

tl::unexpected<Error> unreachable(const ConnectionOptions& options, const LastError& last_error) {
  std::string text =
      fmt::format("Kafka brokers {} not reachable within {} ms", options.brokers, options.boot_timeout.count());
  if (!last_error.reason.empty()) text += fmt::format(" ({})", last_error.reason);
  text += "; check SIGNAL_KAFKA_BROKERS, SIGNAL_KAFKA_TLS, ";
  if (options.tls) text += "SIGNAL_KAFKA_TLS_CA, ";
  // A listener that requires credentials closes connections without them.
  if (options.sasl_mechanism.empty()) text += "SIGNAL_KAFKA_SASL_MECHANISM, ";
  return fail(ErrorKind::unavailable, text + "or raise SIGNAL_KAFKA_BOOT_TIMEOUT_MS");
}

/// Asks for one topic until the deadline, because a broker that has just started may not know the leaders yet.
Result<void> check_topic(rd_kafka_t* client, const ConnectionOptions& options, const NamedTopic& wanted,
                         Clock::time_point deadline, const LastError& last_error) {
  const auto& [name, setting] = wanted;
  const Handle<rd_kafka_topic_t> topic{rd_kafka_topic_new(client, name.c_str(), nullptr)};
  if (!topic)
    return fail(ErrorKind::invalid, fmt::format("Kafka topic '{}' is not a valid name; check {}", name, setting));
  rd_kafka_resp_err_t problem = RD_KAFKA_RESP_ERR__TIMED_OUT;
  do {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    const auto slice = std::clamp(left, milliseconds{1}, milliseconds{1'000});
    const rd_kafka_metadata_t* answer = nullptr;
    problem = rd_kafka_metadata(client, 0, topic.get(), &answer, static_cast<int>(slice.count()));
    if (problem == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const Handle<const rd_kafka_metadata_t> owned{answer};
      if (answer->topic_cnt != 1) return fail(ErrorKind::unavailable, "Kafka: metadata answer without the topic");
      problem = answer->topics[0].err;
      if (problem == RD_KAFKA_RESP_ERR_NO_ERROR && answer->topics[0].partition_cnt > 0) return {};
      if (problem == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return fail(ErrorKind::unavailable,
                    fmt::format("Kafka topic '{}' does not exist; create it or change {}", name, setting));
      }
      if (problem == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        return fail(
            ErrorKind::unavailable,
            fmt::format(
                "Kafka topic '{}' is forbidden to this user; grant it, or check SIGNAL_KAFKA_SASL_USERNAME and {}",
                name, setting));
      }
    }
    rd_kafka_poll(client, problem == RD_KAFKA_RESP_ERR__TIMED_OUT ? 0 : 100);
    if (refuses_credentials(last_error.code) || refuses_credentials(problem)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("Kafka brokers refuse the credentials ({}); check SIGNAL_KAFKA_SASL_MECHANISM, "
                              "SIGNAL_KAFKA_SASL_USERNAME and SIGNAL_KAFKA_SASL_PASSWORD",
                              last_error.reason));
    }
  } while (Clock::now() < deadline);
  return unreachable(options, last_error);
}

}  // namespace

void LastError::note(rd_kafka_resp_err_t said, std::string why) {
  if (said == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !reason.empty()) return;
  code = said;
  reason = std::move(why);
}

Result<void> check_boot(rd_kafka_t* client, const ConnectionOptions& options, std::span<const NamedTopic> topics,
                        const LastError& last_error) {
  const auto deadline = Clock::now() + options.boot_timeout;
  for (const NamedTopic& topic : topics) {
    if (auto found = check_topic(client, options, topic, deadline, last_error); !found) return found;
  }
  return {};
}

Result<void> check_brokers(const ConnectionOptions& options, std::span<const NamedTopic> topics) {
  auto conf = connection_conf(options);
  if (!conf) return error_of(conf);
  LastError last_error;
  rd_kafka_conf_set_opaque(conf->get(), &last_error);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int code, const char* reason, void* last) {
    static_cast<LastError*>(last)->note(static_cast<rd_kafka_resp_err_t>(code), reason ? reason : "");
  });
  // Its log lines would go to stderr; the error is returned instead.
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return error_of(client);
  return check_boot(client->get(), options, topics, last_error);
}

}  // namespace nx::kafka
