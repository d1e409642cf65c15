#pragma once
// Sends lines of messages to Kafka as a payment service does, and waits until the brokers have stored each (`nx-signal
// notify`).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kafka/producer.hpp"
#include "model/result.hpp"

namespace nx::client {

struct ProduceReport {
  std::int64_t produced = 0;
  struct Refused {
    std::int64_t line;  // counted from 1
    std::string reason;
  };
  std::vector<Refused> refused;  // invalid messages, which were not sent
};

/// Sends every line that is a valid message (docs/notifications.md#the-message). The record key is the organisation or
/// merchant, so that messages of one organisation stay in order. Blank lines are skipped. The result is an error when
/// the brokers did not accept a message; nothing more is sent then.
Result<ProduceReport> produce(const kafka::ProducerOptions& options,
                              const std::function<std::optional<std::string>()>& next_line);

}  // namespace nx::client
