#pragma once
// What the consumer of signal.activity-notification can be told. Defaults are the key table's where a key sets them.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "kafka/boot_check.hpp"
#include "kafka/connection_options.hpp"

namespace nx::ingest {

struct KafkaOptions : kafka::ConnectionOptions {
  std::string group_id = "signal";
  std::string topic = "signal.activity-notification";
  std::string dlq_topic;  // of dead letters; empty: none
  std::string offset_reset = "earliest";
  std::string assignor = "roundrobin";
  std::string instance_id;  // static membership when given
  std::chrono::milliseconds session_timeout{15'000};
  std::chrono::milliseconds max_poll_interval{300'000};  // librdkafka's default: a member that polls less often is out
  std::chrono::milliseconds commit_interval{1'000};
  std::chrono::milliseconds fetch_wait{500};  // how long a broker may hold a fetch that finds nothing, its own default
  std::string extra_fields = "*";
  std::chrono::milliseconds retention{0};  // older records are committed unstored: rows of that age go; 0: none
  std::function<bool()> clock_is_right;    // while it says no, no record is too old; may be empty; any thread
};

/// Those that must exist.
std::vector<kafka::NamedTopic> topics_of(const KafkaOptions& options);

}  // namespace nx::ingest
