#pragma once
// What a payment service does: lines of messages to Kafka, each waited for until the brokers have it
// (`nx-signal notify`).

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
  std::vector<Refused> refused;  // lines that are no valid message; they were not sent
};

/// Sends every line that is a valid message (docs/notifications.md#the-message), keyed by its organisation or merchant
/// so that one organisation's messages stay in order. Blank lines are skipped. The error ends it: the brokers did not
/// take a message.
Result<ProduceReport> produce(const kafka::ProducerOptions& options,
                              const std::function<std::optional<std::string>()>& next_line);

}  // namespace nx::client
