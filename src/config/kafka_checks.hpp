#pragma once
// Refuses settings of Kafka that can never work. No I/O.

#include <optional>

#include "config/checks.hpp"
#include "ingest/kafka_consumer.hpp"

namespace nx::config {

/// The first error: brokers, names, times, SASL.
std::optional<Refusal> kafka_check(const ingest::KafkaOptions& kafka);

}  // namespace nx::config
