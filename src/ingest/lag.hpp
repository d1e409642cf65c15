#pragma once
// How many messages of our partitions wait in Kafka: the end of each partition less the offset behind the last record
// that was stored. Kept by the consumer's thread; the sums are read by any.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "kafka/handle.hpp"

namespace nx::ingest {

class Lag {
 public:
  /// Partitions came (their positions are not known yet), or went.
  void assign(const rd_kafka_topic_partition_list_t& partitions);
  void revoke(const rd_kafka_topic_partition_list_t& partitions);

  /// A record was read: a partition whose position is unknown begins here.
  void read(std::int32_t partition, std::int64_t offset);
  /// All before `next` is done.
  void store(std::int32_t partition, std::int64_t next);

  /// From what the last fetches said: no request. Behind a paused partition nothing is fetched: see ask().
  void measure(rd_kafka_t* client, const std::string& topic);
  /// Asks the brokers, at most for `within`. Keeps the last sum when they do not answer.
  void ask(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within);

  std::int64_t messages() const { return messages_.load(std::memory_order_relaxed); }      // any thread
  std::int64_t partitions() const { return partitions_.load(std::memory_order_relaxed); }  // any thread

 private:
  static constexpr std::int64_t kUnknown = -1;

  void learn_committed(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within);
  void count_partitions() { partitions_.store(static_cast<std::int64_t>(next_.size()), std::memory_order_relaxed); }

  std::map<std::int32_t, std::int64_t> next_;  // by partition of ours: the first offset that is not done, or kUnknown
  std::atomic<std::int64_t> messages_{0}, partitions_{0};
};

}  // namespace nx::ingest
