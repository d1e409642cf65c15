#pragma once
// The lag: the number of messages of our partitions that wait in Kafka, which is the end of each partition minus the
// offset after its last stored record. Written by the consumer's thread; any thread may read the sums.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "kafka/handle.hpp"

namespace nx::ingest {

class Lag {
 public:
  /// Partitions were assigned (their positions are not known yet) or revoked.
  void assign(const rd_kafka_topic_partition_list_t& partitions);
  void revoke(const rd_kafka_topic_partition_list_t& partitions);

  /// A record was read: if the position of the partition is unknown, it begins here.
  void read(std::int32_t partition, std::int64_t offset);
  /// All records before `next` are done.
  void store(std::int32_t partition, std::int64_t next);

  /// Computes the lag from the last fetches, without a request. Paused partitions are not fetched: see ask().
  void measure(rd_kafka_t* client, const std::string& topic);
  /// Asks the brokers, for at most `within`. Keeps the last sum if they do not answer.
  void ask(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within);

  std::int64_t messages() const { return messages_.load(std::memory_order_relaxed); }      // any thread
  std::int64_t partitions() const { return partitions_.load(std::memory_order_relaxed); }  // any thread

 private:
  static constexpr std::int64_t kUnknown = -1;

  void learn_committed(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within);
  void count_partitions() { partitions_.store(static_cast<std::int64_t>(next_.size()), std::memory_order_relaxed); }

  std::map<std::int32_t, std::int64_t> next_;  // for our partitions: the first offset that is not done, or kUnknown
  std::atomic<std::int64_t> messages_{0}, partitions_{0};
};

}  // namespace nx::ingest
