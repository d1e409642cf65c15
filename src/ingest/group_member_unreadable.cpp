// The part of GroupMember that skips records which librdkafka can not decompress: it would fetch them again for ever,
// and never read the records after them.

#include <algorithm>

#include "ingest/group_member.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTries = 3;  // they may have been damaged in transit
// An error that was already queued when we sought belongs to the previous offset.
constexpr std::chrono::milliseconds kAfterSeek{300};

}  // namespace

/// A batch that is damaged, or that decompresses to more than librdkafka's receive.message.max.bytes (100 MB). A codec
/// that this build lacks is not the record's fault.
bool GroupMember::is_unreadable(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION || code == RD_KAFKA_RESP_ERR__BAD_MSG;
}

/// Skips one offset at a time, because the error does not say where the batch ends. The skip itself is not committed:
/// the next record that is stored commits it.
void GroupMember::pass_over(const rd_kafka_message_t& message, const std::string& reason) {
  Unreadable& here = unreadable_[message.partition];
  if (message.offset > here.at) here = {.at = message.offset};
  if (++here.tries < kTries || Clock::now() < here.sought + kAfterSeek) return;
  log_.error("records can not be unpacked: left out",
             {{"topic", options_.topic}, {"partition", message.partition}, {"offset", here.at}, {"reason", reason}});
  const kafka::PartitionList next{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(next.get(), options_.topic.c_str(), message.partition)->offset = here.at + 1;
  // Sent without waiting, as in begin_again().
  if (const kafka::Handle<rd_kafka_error_t> error{rd_kafka_seek_partitions(client_.get(), next.get(), 0)}) return;
  ++here.at;
  here.sought = Clock::now();
  lag_.store(message.partition, here.at);
  listener_.on_unreadable();
}

}  // namespace nx::ingest
