#pragma once
// What was committed of our partitions, as the brokers have confirmed it. A topic that is deleted takes the group's
// offsets with it: that they are gone is the one sign by which librdkafka < 2.4 lets us see that a topic of the same
// name is another one, in which our position means nothing (Kafka's fetch knows no topic ids before version 13). Used
// by the consumer's thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "kafka/handle.hpp"

namespace nx::ingest {

class Commits {
 public:
  /// Partitions came; asks what of them is committed, at most for `within`.
  void assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t& partitions, std::chrono::milliseconds within);
  void revoke(const rd_kafka_topic_partition_list_t& partitions);

  bool is_ours(std::int32_t partition) const { return ours_.contains(partition); }
  /// All before `next` is done: to be committed, unless that is what the brokers have. Such a commit would say nothing,
  /// and, were the topic made again at that moment, hide it.
  void store(std::int32_t partition, std::int64_t next);
  bool waiting() const { return !waiting_.empty(); }

  /// Sends what waits. The answer comes as confirm().
  void send(rd_kafka_t* client, const std::string& topic);
  /// The brokers' answer to a commit of ours; what they refused waits again.
  void confirm(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& partitions);

  /// Partitions whose committed offset the brokers no longer know. An error: they do not answer within the time.
  Result<std::set<std::int32_t>> vanished(rd_kafka_t* client, const std::string& topic,
                                          std::chrono::milliseconds within) const;
  /// Their positions are void; nothing of them is committed until store().
  void forget(const std::set<std::int32_t>& partitions);

 private:
  std::map<std::int32_t, std::int64_t> waiting_;
  std::set<std::int32_t> ours_;
  std::map<std::int32_t, std::int64_t> confirmed_;  // of ours: the committed offset that the brokers hold
};

}  // namespace nx::ingest
