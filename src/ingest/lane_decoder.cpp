#include "ingest/lane_decoder.hpp"

#include <utility>

#include "contract/activity_message.hpp"

namespace nx::ingest {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kDecodedATurn = 4UL * 1024 * 1024;  // bytes of values

}  // namespace

void LaneDecoder::decode(Lane& lane) {
  const bool may_be_too_old = !options_.clock_is_right || options_.clock_is_right();
  while (lane.takes_more() && !lane.unread.empty()) {
    lane.ahead_bytes += lane.unread.front()->len;
    lane.ahead.push_back(read_record(std::move(lane.unread.front()), options_.extra_fields,
                                     may_be_too_old ? options_.retention : milliseconds{0}));
    lane.unread.pop_front();
    if (options_.spans != nullptr) begin_span(lane.ahead.back(), *options_.spans, options_.trace_ratio);
    const Record& record = lane.ahead.back();
    note_time(record);
    if (contract::extra_was_dropped(record.activity)) counters_.extra_dropped.add();
    if (record.activity.replaced > 0) counters_.replaced_surrogates.add(record.activity.replaced);
  }
}

void LaneDecoder::decode_ahead(Lanes& lanes) {
  std::size_t bytes = 0;
  lanes.each([&](Lane& lane) {
    if (lane.with_workers == 0 || bytes > kDecodedATurn) return;
    const std::size_t before = lane.ahead_bytes;
    decode(lane);
    bytes += lane.ahead_bytes - before;
  });
}

void LaneDecoder::note_time(const Record& record) {
  if (!record.expired && !record.odd_timestamp) return;
  (record.expired ? counters_.expired : counters_.odd_timestamps).add();
  std::int64_t suppressed = 0;
  if (!(record.expired ? expired_gate_ : odd_gate_).pass(suppressed)) return;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(record.message.get(), &type);
  log_.warn(record.expired ? "record older than SIGNAL_RETENTION_DAYS: committed, not stored"
                           : "record's timestamp is not in milliseconds: converted",
            {{"topic", rd_kafka_topic_name(record.message->rkt)},
             {"partition", record.message->partition},
             {"offset", record.message->offset},
             {"timestamp", timestamp},
             {"time", iso8601(record.time)},
             {"suppressed", suppressed}});
}

}  // namespace nx::ingest
