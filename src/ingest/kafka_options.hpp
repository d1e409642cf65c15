#pragma once
// The options of the consumer of signal.activity-notification. Defaults equal those of the key table.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "kafka/boot_check.hpp"
#include "kafka/connection_options.hpp"
#include "trace/span_writer.hpp"

namespace nx::ingest {

struct KafkaOptions : kafka::ConnectionOptions {
  /// The part that a connection for another purpose needs, too.
  const kafka::ConnectionOptions& connection() const { return *this; }

  /// `of_group`: the members of the consumer group share the partitions. `all`: this consumer has every partition and
  /// joins no group; the group's offsets are used all the same.
  enum class Partitions { of_group, all };

  std::string group_id = "signal";
  Partitions partitions = Partitions::of_group;
  std::string topic = "signal.activity-notification";
  std::string dlq_topic;  // for dead letters; empty: none
  std::string offset_reset = "earliest";
  std::string assignor = "roundrobin";
  std::string instance_id;  // static membership if not empty
  std::chrono::milliseconds session_timeout{15'000};
  // librdkafka's default; a member that polls less often is removed
  std::chrono::milliseconds max_poll_interval{300'000};
  std::chrono::milliseconds commit_interval{1'000};
  // how long a broker may delay the answer to a fetch without records; librdkafka's default
  std::chrono::milliseconds fetch_wait{500};
  std::string extra_fields = "*";
  // older records are committed but not stored, because retention would delete their rows; 0: no limit
  std::chrono::milliseconds retention{0};
  // while it returns false, no record counts as too old; may be empty; any thread
  std::function<bool()> clock_is_right;
  trace::SpanWriter* spans = nullptr;  // of the poller's thread; null: tracing is off
  double trace_ratio = 0;              // part of the records without `traceparent` that begin a trace, 0 to 1
};

/// The topics that must exist.
std::vector<kafka::NamedTopic> topics_of(const KafkaOptions& options);

}  // namespace nx::ingest
