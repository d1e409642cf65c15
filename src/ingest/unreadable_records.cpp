#include "ingest/unreadable_records.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTries = 3;  // they may have been damaged in transit
// An error that was already queued when we sought belongs to the previous offset.
constexpr std::chrono::milliseconds kAfterSeek{300};

}  // namespace

bool UnreadableRecords::is_unreadable(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION || code == RD_KAFKA_RESP_ERR__BAD_MSG;
}

std::optional<std::int64_t> UnreadableRecords::pass_over(const rd_kafka_message_t& message, const std::string& reason) {
  Place& here = places_[message.partition];
  if (message.offset > here.at) here = {.at = message.offset};
  if (++here.tries < kTries || Clock::now() < here.sought + kAfterSeek) return std::nullopt;
  log_.error("records cannot be unpacked: left out",
             {{"topic", topic_}, {"partition", message.partition}, {"offset", here.at}, {"reason", reason}});
  const kafka::PartitionList next{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(next.get(), topic_.c_str(), message.partition)->offset = here.at + 1;
  // Sent without waiting: the time-out of a waiting seek is broken in librdkafka < 2.1.
  if (const kafka::Handle<rd_kafka_error_t> error{rd_kafka_seek_partitions(client_, next.get(), 0)}) {
    return std::nullopt;
  }
  ++here.at;
  here.sought = Clock::now();
  return here.at;
}

}  // namespace nx::ingest
