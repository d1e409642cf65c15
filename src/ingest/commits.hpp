#pragma once
// The offsets of our partitions that the brokers have confirmed as committed. When a topic is deleted, the brokers
// delete the group's offsets with it. With librdkafka < 2.4 their absence is the only sign that a topic of the same
// name is another topic, in which our position is meaningless (Kafka's fetch has no topic ids before version 13). Used
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
  /// Partitions were assigned; asks for their committed offsets, for at most `within`.
  void assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t& partitions, std::chrono::milliseconds within);
  void revoke(const rd_kafka_topic_partition_list_t& partitions);

  bool is_ours(std::int32_t partition) const { return ours_.contains(partition); }
  /// All records before `next` are done: the offset waits for the next commit, unless the brokers already hold it. To
  /// commit it again would be useless, and if the topic was made again at that moment, it would hide that.
  void store(std::int32_t partition, std::int64_t next);
  bool waiting() const { return !waiting_.empty(); }

  /// Sends the waiting offsets. The answer arrives as a call of confirm().
  void send(rd_kafka_t* client, const std::string& topic);
  /// The brokers' answer to one of our commits; offsets that they refused wait again.
  void confirm(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& partitions);

  /// Partitions whose committed offset the brokers no longer know. An error: they did not answer in time.
  Result<std::set<std::int32_t>> vanished(rd_kafka_t* client, const std::string& topic,
                                          std::chrono::milliseconds within) const;
  /// The positions of these partitions are invalid; nothing of them is committed until store().
  void forget(const std::set<std::int32_t>& partitions);

 private:
  std::map<std::int32_t, std::int64_t> waiting_;
  std::set<std::int32_t> ours_;
  std::map<std::int32_t, std::int64_t> confirmed_;  // for our partitions: the committed offset that the brokers hold
};

}  // namespace nx::ingest
