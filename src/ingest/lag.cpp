#include "ingest/lag.hpp"

#include <algorithm>

namespace nx::ingest {

void Lag::assign(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) next_.insert_or_assign(partitions.elems[i].partition, kUnknown);
  count_partitions();
}

void Lag::revoke(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) next_.erase(partitions.elems[i].partition);
  count_partitions();
  if (next_.empty()) messages_.store(0, std::memory_order_relaxed);
}

void Lag::read(std::int32_t partition, std::int64_t offset) {
  const auto found = next_.find(partition);
  if (found != next_.end() && found->second == kUnknown) found->second = offset;
}

void Lag::store(std::int32_t partition, std::int64_t next) {
  const auto found = next_.find(partition);
  if (found != next_.end()) found->second = next;
}

void Lag::measure(rd_kafka_t* client, const std::string& topic) {
  std::int64_t sum = 0;
  for (const auto& [partition, next] : next_) {
    std::int64_t low = 0, high = 0;
    if (next == kUnknown) continue;
    if (rd_kafka_get_watermark_offsets(client, topic.c_str(), partition, &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      continue;
    }
    sum += std::max<std::int64_t>(high - std::max(next, low), 0);
  }
  messages_.store(sum, std::memory_order_relaxed);
}

void Lag::learn_committed(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within) {
  const kafka::PartitionList unknown{rd_kafka_topic_partition_list_new(static_cast<int>(next_.size()))};
  for (const auto& [partition, next] : next_) {
    if (next == kUnknown) rd_kafka_topic_partition_list_add(unknown.get(), topic.c_str(), partition);
  }
  if (unknown->cnt == 0) return;
  if (rd_kafka_committed(client, unknown.get(), static_cast<int>(within.count())) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (int i = 0; i < unknown->cnt; ++i) {
    const auto& one = unknown->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR && one.offset >= 0) read(one.partition, one.offset);
  }
}

void Lag::ask(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds within) {
  if (next_.empty()) return;
  learn_committed(client, topic, within / 2);
  const kafka::PartitionList ends{rd_kafka_topic_partition_list_new(static_cast<int>(next_.size()))};
  for (const auto& [partition, next] : next_) {
    rd_kafka_topic_partition_list_add(ends.get(), topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_END;
  }
  // Unlike rd_kafka_query_watermark_offsets (librdkafka #4460) this respects its time-out, and asks for all partitions
  // at once.
  if (rd_kafka_offsets_for_times(client, ends.get(), static_cast<int>(within.count() / 2)) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return;
  }
  std::int64_t sum = 0;
  for (int i = 0; i < ends->cnt; ++i) {
    const auto& end = ends->elems[i];
    if (end.err != RD_KAFKA_RESP_ERR_NO_ERROR || end.offset < 0) return;
    std::int64_t low = 0, high = 0;
    rd_kafka_get_watermark_offsets(client, topic.c_str(), end.partition, &low, &high);
    // Nothing of it was ever committed or read: all records that the broker holds wait.
    sum += std::max<std::int64_t>(end.offset - std::max({next_.at(end.partition), low, std::int64_t{0}}), 0);
  }
  messages_.store(sum, std::memory_order_relaxed);
}

}  // namespace nx::ingest
