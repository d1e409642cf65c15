#pragma once
// The partitions that we paused. librdkafka keeps a partition paused across its revocation, and resuming a partition
// that was not paused may move its position back (librdkafka 2.0), so only those that we paused are resumed. Used by
// the consumer's thread.

#include <cstdint>
#include <set>
#include <string>

#include "kafka/handle.hpp"

namespace nx::ingest {

class PausedPartitions {
 public:
  /// `client` is borrowed.
  PausedPartitions(rd_kafka_t* client, std::string topic) : client_(client), topic_(std::move(topic)) {}

  void pause(std::int32_t partition);
  void resume(std::int32_t partition);
  /// Resumes those of `partitions` that are paused.
  void resume(const rd_kafka_topic_partition_list_t& partitions);
  bool empty() const { return paused_.empty(); }

 private:
  kafka::PartitionList one(std::int32_t partition) const;

  rd_kafka_t* client_;
  std::string topic_;
  std::set<std::int32_t> paused_;
};

}  // namespace nx::ingest
