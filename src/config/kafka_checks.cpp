#include "config/kafka_checks.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/core.h>

#include "config/host_names.hpp"
#include "config/url_redaction.hpp"
#include "model/list.hpp"

namespace nx::config {
namespace {

using Check = std::optional<Refusal>;

/// Parses the list as librdkafka does, which allows empty items. librdkafka also accepts a protocol before an item, but
/// then ignores items whose protocol differs from the settings.
Check brokers(const std::string& value) {
  if (value.empty()) return std::nullopt;
  constexpr const char* kExample = "kafka-1:9092,kafka-2:9092";
  const auto named = list_items(value);
  for (const std::string_view one : named) {
    if (one.find("://") != std::string_view::npos) {
      return Refusal{
          "SIGNAL_KAFKA_BROKERS",
          fmt::format("'{}' has a protocol: remove it, SIGNAL_KAFKA_TLS and SIGNAL_KAFKA_SASL_MECHANISM select it",
                      redact_url(one)),
          kExample};
    }
    if (!is_endpoint(one)) {
      return Refusal{"SIGNAL_KAFKA_BROKERS", fmt::format("'{}' is not of the form host:port", shown_value(one)),
                     kExample};
    }
  }
  if (!named.empty()) return std::nullopt;
  return Refusal{"SIGNAL_KAFKA_BROKERS", fmt::format("'{}' names no broker", value), kExample};
}

/// Kafka's rule for names.
Check topic(const char* variable, const std::string& name) {
  const bool legal =
      name.size() <= 249 && name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
      });
  if (name.empty() || legal) return std::nullopt;
  return Refusal{variable, fmt::format("'{}' is not a valid topic name", shown_value(name).substr(0, 64)),
                 "signal.activity-notification"};
}

/// Kafka's requests have 16-bit lengths for these texts; Kafka's own limit for names is far lower.
Check kafka_name(const char* variable, const std::string& name, const char* example) {
  if (name.size() <= 249) return std::nullopt;
  return Refusal{variable, fmt::format("'{}…' is longer than 249 bytes", shown_value(name).substr(0, 64)), example};
}

Check topics(const ingest::KafkaOptions& kafka) {
  if (auto wrong = kafka_name("SIGNAL_KAFKA_GROUP_ID", kafka.group_id, "signal")) return wrong;
  if (auto wrong = kafka_name("SIGNAL_KAFKA_INSTANCE_ID", kafka.instance_id, "signal-0")) return wrong;
  if (auto wrong = topic("SIGNAL_KAFKA_TOPIC", kafka.topic)) return wrong;
  if (auto wrong = topic("SIGNAL_KAFKA_DLQ_TOPIC", kafka.dlq_topic)) return wrong;
  if (kafka.dlq_topic.empty() || kafka.dlq_topic != kafka.topic) return std::nullopt;
  return Refusal{"SIGNAL_KAFKA_DLQ_TOPIC",
                 "equals SIGNAL_KAFKA_TOPIC: each dead letter would be consumed as a message again",
                 "signal.activity-notification.dlq"};
}

Check group_times(const ingest::KafkaOptions& kafka) {
  if (kafka.max_poll_interval >= kafka.session_timeout) return std::nullopt;
  return Refusal{"SIGNAL_KAFKA_MAX_POLL_INTERVAL_MS", "is shorter than SIGNAL_KAFKA_SESSION_TIMEOUT_MS", "300000"};
}

/// Without a mechanism the connection would silently use no credentials, in spite of the name or the password.
Check sasl(const ingest::KafkaOptions& kafka) {
  const bool mechanism = !kafka.sasl_mechanism.empty();
  const auto missing = [](const char* variable, const char* partner, const char* example) {
    return Refusal{variable, fmt::format("is not set although {} is", partner), example};
  };
  for (const auto& [variable, value] : {std::pair("SIGNAL_KAFKA_SASL_USERNAME", &kafka.sasl_username),
                                        std::pair("SIGNAL_KAFKA_SASL_PASSWORD", &kafka.sasl_password)}) {
    if (!mechanism && !value->empty()) return missing("SIGNAL_KAFKA_SASL_MECHANISM", variable, "SCRAM-SHA-512");
  }
  if (mechanism && kafka.sasl_username.empty())
    return missing("SIGNAL_KAFKA_SASL_USERNAME", "SIGNAL_KAFKA_SASL_MECHANISM", "signal");
  if (mechanism && kafka.sasl_password.empty()) {
    return missing("SIGNAL_KAFKA_SASL_PASSWORD", "SIGNAL_KAFKA_SASL_MECHANISM",
                   "SIGNAL_KAFKA_SASL_PASSWORD_FILE=/run/secrets/kafka");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> kafka_check(const ingest::KafkaOptions& kafka) {
  for (const Check& check : {brokers(kafka.brokers), topics(kafka), group_times(kafka), sasl(kafka)}) {
    if (check) return check;
  }
  return std::nullopt;
}

}  // namespace nx::config
