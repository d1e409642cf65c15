#pragma once
// What is asked of the brokers without joining the consumer's group. Each call makes a client of its own and blocks for
// at most the boot time-out.

#include <chrono>
#include <optional>

#include "ingest/kafka_consumer.hpp"
#include "model/result.hpp"

namespace nx::ingest {

/// For `nx-signal check`: are brokers and topics there for the consumer? The error is the one that start() of a
/// consumer would give.
Result<void> probe_brokers(const KafkaOptions& options);

/// How long the topic keeps its records: a record can come again for that long, so its idempotency key must be known
/// for longer (docs/data-model.md#the-key-of-a-message). None: for ever. Blocks for at most 3 s. An error too when the
/// broker does not let us read the topic's configuration (`DescribeConfigs`).
Result<std::optional<std::chrono::milliseconds>> topic_retention(const KafkaOptions& options);

}  // namespace nx::ingest
