#include "ingest/group_offsets.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// checks whether the topic is still the same one when there is nothing to commit
constexpr milliseconds kCheckEvery{5'000};
constexpr milliseconds kBeginEvery{1'000};

std::set<std::int32_t> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::set<std::int32_t> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.insert(list.elems[i].partition);
  return partitions;
}

}  // namespace

void GroupOffsets::store(std::int32_t partition, std::int64_t next) {
  if (remade_.contains(partition) || !commits_.is_ours(partition)) return;
  lag_.store(partition, next);
  commits_.store(partition, next);
  const kafka::PartitionList offset{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(offset.get(), options_.topic.c_str(), partition)->offset = next;
  rd_kafka_offsets_store(client_, offset.get());
}

void GroupOffsets::commit_in_time() {
  const auto now = Clock::now();
  if (!remade_.empty() && now >= next_check_) begin_again();
  const bool due = commits_.waiting() ? now >= next_commit_ : now >= next_check_;
  if (!due || !health_.connected() || rd_kafka_assignment_lost(client_) != 0) return;
  next_commit_ = now + options_.commit_interval;
  next_check_ = now + kCheckEvery;
  // Checked before each commit, because the commit would hide that the topic is another one.
  note_vanished();
  if (!remade_.empty()) return begin_again();
  if (commits_.waiting()) commits_.send(client_, options_.topic);
}

void GroupOffsets::note_vanished() {
  const auto gone = commits_.vanished(client_, options_.topic, kAskWithin);
  if (!gone) health_.suspect();
  if (!gone || gone->empty()) return;
  log_.error(
      "kafka topic made again",
      {{"topic", options_.topic}, {"partitions", gone->size()}, {"reason", "the group's committed offsets are gone"}});
  commits_.forget(*gone);
  remade_.insert(gone->begin(), gone->end());
  rejoin_.expect_partitions();
}

void GroupOffsets::begin_again() {
  const kafka::PartitionList begins{rd_kafka_topic_partition_list_new(static_cast<int>(remade_.size()))};
  for (const std::int32_t partition : remade_) {
    rd_kafka_topic_partition_list_add(begins.get(), options_.topic.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  next_check_ = Clock::now() + kBeginEvery;  // the next attempt if this one fails, because the topic may not exist yet
  const auto within = static_cast<int>(kAskWithin.count());
  if (rd_kafka_offsets_for_times(client_, begins.get(), within) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  for (int i = 0; i < begins->cnt; ++i) {
    if (begins->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR || begins->elems[i].offset < 0) return;
  }
  // Sent without waiting: the time-out of a waiting seek is broken in librdkafka < 2.1.
  if (const kafka::Handle<rd_kafka_error_t> error{rd_kafka_seek_partitions(client_, begins.get(), 0)}) return;
  void_stored(remade_);
  for (int i = 0; i < begins->cnt; ++i) lag_.store(begins->elems[i].partition, begins->elems[i].offset);
  on_remade_(remade_);
  remade_.clear();
  log_.info("kafka topic read from its start", {{"topic", options_.topic}, {"partitions", begins->cnt}});
}

void GroupOffsets::void_remade(const rd_kafka_topic_partition_list_t* partitions) {
  // While the topic is gone, our offsets may not be committed, even if the brokers reported nothing: the next topic of
  // that name would lose the records before them.
  if (health_.topic_gone() && partitions) remade_.merge(partitions_of(*partitions));
  if (remade_.empty()) return;
  void_stored(remade_);
  on_remade_(remade_);
  remade_.clear();  // the next owner finds no committed offset
}

void GroupOffsets::void_stored(const rd_kafka_topic_partition_list_t& partitions) {
  void_stored(partitions_of(partitions));
}

void GroupOffsets::void_stored(const std::set<std::int32_t>& partitions) {
  const kafka::PartitionList none{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const std::int32_t partition : partitions) {
    rd_kafka_topic_partition_list_add(none.get(), options_.topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_INVALID;
  }
  rd_kafka_offsets_store(client_, none.get());
}

void GroupOffsets::on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets) {
  commits_.confirm(error, offsets);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) health_.on_committed();
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  std::int64_t suppressed = 0;
  if (commit_gate_.pass(suppressed)) {
    log_.warn("kafka offsets not committed", {{"reason", rd_kafka_err2str(error)}, {"suppressed", suppressed}});
  }
}

}  // namespace nx::ingest
