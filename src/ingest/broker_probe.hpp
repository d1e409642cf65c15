#pragma once
// For `nx-signal check`: are brokers and topics there for the consumer, without joining its group?

#include "ingest/kafka_consumer.hpp"
#include "model/result.hpp"

namespace nx::ingest {

/// Blocks for at most the boot time-out. The error is the one that start() of a consumer would give.
Result<void> probe_brokers(const KafkaOptions& options);

}  // namespace nx::ingest
