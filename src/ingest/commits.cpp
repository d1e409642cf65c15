#include "ingest/commits.hpp"

namespace nx::ingest {
namespace {

rd_kafka_resp_err_t ask(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list, std::chrono::milliseconds within) {
  if (list->cnt == 0) return RD_KAFKA_RESP_ERR_NO_ERROR;
  return rd_kafka_committed(client, list, static_cast<int>(within.count()));
}

}  // namespace

void Commits::assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t& partitions,
                     std::chrono::milliseconds within) {
  const kafka::PartitionList list{rd_kafka_topic_partition_list_copy(&partitions)};
  for (int i = 0; i < list->cnt; ++i) ours_.insert(list->elems[i].partition);
  if (ask(client, list.get(), within) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].offset >= 0) confirmed_[list->elems[i].partition] = list->elems[i].offset;
  }
}

void Commits::revoke(const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) {
    ours_.erase(partitions.elems[i].partition);
    forget({partitions.elems[i].partition});
  }
}

void Commits::store(std::int32_t partition, std::int64_t next) {
  const auto known = confirmed_.find(partition);
  if (known == confirmed_.end() || known->second != next) waiting_[partition] = next;
}

void Commits::send(rd_kafka_t* client, const std::string& topic) {
  const kafka::PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(waiting_.size()))};
  for (const auto& [partition, next] : waiting_) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = next;
  }
  // Explicit offsets, because librdkafka commits stored offsets only if they are higher than the last committed ones;
  // those of a topic that was made again are lower.
  if (rd_kafka_commit(client, list.get(), 1) == RD_KAFKA_RESP_ERR_NO_ERROR) waiting_.clear();
}

void Commits::confirm(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) {
    const auto& one = partitions.elems[i];
    if (!ours_.contains(one.partition) || one.offset < 0) continue;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && one.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      confirmed_[one.partition] = one.offset;
    } else {
      waiting_.emplace(one.partition, one.offset);  // unless a later offset waits already
    }
  }
}

Result<std::set<std::int32_t>> Commits::vanished(rd_kafka_t* client, const std::string& topic,
                                                 std::chrono::milliseconds within) const {
  const kafka::PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(confirmed_.size()))};
  for (const auto& [partition, offset] : confirmed_) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  }
  if (const auto error = ask(client, list.get(), within); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::unavailable, rd_kafka_err2str(error));
  }
  std::set<std::int32_t> gone;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& one = list->elems[i];
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR && one.offset == RD_KAFKA_OFFSET_INVALID) gone.insert(one.partition);
  }
  return gone;
}

void Commits::forget(const std::set<std::int32_t>& partitions) {
  for (const std::int32_t partition : partitions) {
    waiting_.erase(partition);
    confirmed_.erase(partition);
  }
}

}  // namespace nx::ingest
