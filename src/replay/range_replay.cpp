#include "replay/range_replay.hpp"

#include <algorithm>
#include <utility>

#include "contract/record_time.hpp"

namespace nx::replay {
namespace {

constexpr std::size_t kSliceRecords = 500;
constexpr std::size_t kSliceBytes = 1UL << 20U;  // a slice has at least one record

bool has_time(const TimeSelection& times, const kafka::StoredRecord& record) {
  const auto time = contract::meant_time({record.timestamp.value_or(-1)});
  return time && times.has(*time);
}

std::size_t bytes_of(const kafka::OutgoingRecord& record) {
  std::size_t bytes = record.value.size() + (record.key ? record.key->size() : 0);
  for (const kafka::Header& one : record.headers) bytes += one.name.size() + (one.value ? one.value->size() : 0);
  return bytes;
}

}  // namespace

RangeReplay::RangeReplay(RangeReplayPlan plan, kafka::RecordReader& reader, kafka::Producer* producer)
    : plan_(std::move(plan)), reader_(reader), producer_(producer) {
  if (const auto& at = plan_.continue_at) {
    for (kafka::OffsetRange& range : plan_.ranges) {
      if (range.partition > at->partition) continue;
      if (range.partition == at->partition) begun_ = {range.partition, range.first};
      range.first = range.partition < at->partition ? range.end : std::max(range.first, at->offset);
    }
    std::erase_if(plan_.ranges, [](const kafka::OffsetRange& range) { return range.first >= range.end; });
  }
  for (const kafka::OffsetRange& range : plan_.ranges) offsets_ += range.end - range.first;
}

std::int64_t RangeReplay::first_of(const kafka::OffsetRange& range) const {
  return begun_ && begun_->partition == range.partition ? begun_->offset : range.first;
}

Result<void> RangeReplay::run() {
  std::int64_t before = 0;
  for (const kafka::OffsetRange& range : plan_.ranges) {
    rest_ = {range.partition, range.first};
    offsets_done_ = before;
    if (before > 0 && !may_go_on()) return {};
    if (auto done = replay(range); !done || stopped_) return done;
    before += range.end - range.first;
  }
  rest_.reset();
  return {};
}

Result<void> RangeReplay::replay(const kafka::OffsetRange& range) {
  const std::int64_t before = offsets_done_;
  slice_.end = {range.partition, range.first};
  Result<void> sent;
  const auto visit = [&](const kafka::StoredRecord& record) {
    slice_.end.offset = record.at.offset + 1;
    offsets_done_ = before + slice_.end.offset - range.first;
    take(record, first_of(range));
    if (slice_.records < kSliceRecords && slice_.bytes < kSliceBytes) return true;
    sent = end_slice();
    return sent && (slice_.end.offset >= range.end || may_go_on());
  };
  auto read = reader_.read(range, visit);
  if (sent) sent = end_slice();  // also what was read before an error
  return sent ? read : sent;
}

void RangeReplay::take(const kafka::StoredRecord& record, std::int64_t first) {
  ++records_;
  ++slice_.records;
  if (plan_.times && !has_time(*plan_.times, record)) return;
  Fate fate{.at = record.at};
  if (plan_.from != From::dlq && !plan_.with_copies && is_copy(record, reader_.topic(), first)) {
    fate.outcome = Fate::Outcome::copy;
    slice_.fates.push_back(std::move(fate));
    return;
  }
  auto made = repetition(record, reader_.topic(), plan_.from, plan_.to, plan_.value);
  fate.source = std::move(made.source);
  if (auto good = check_value(made.record.value); !good) {
    fate.outcome = Fate::Outcome::refused;
    fate.reason = std::move(good.error().message);
  } else if (producer_ == nullptr) {
    fate.outcome = Fate::Outcome::would_be_sent;
  } else {
    slice_.bytes += bytes_of(made.record);
    slice_.outgoing.push_back(std::move(made.record));
  }
  slice_.fates.push_back(std::move(fate));
}

/// Tells of each record in order, up to the first that was not acknowledged.
Result<void> RangeReplay::end_slice() {
  const Slice slice = std::exchange(slice_, Slice{.fates = {}, .outgoing = {}, .end = slice_.end});
  kafka::Producer::Sent sent;
  if (producer_ != nullptr && !slice.outgoing.empty()) sent = producer_->send(slice.outgoing);
  std::size_t next = 0;
  for (Fate fate : slice.fates) {
    if (fate.outcome == Fate::Outcome::sent) {
      if (next == sent.at.size()) {
        rest_ = fate.at;
        return tl::unexpected(std::move(*sent.error));
      }
      fate.sent_as = sent.at[next++];
    }
    const bool is_copy = fate.outcome == Fate::Outcome::copy;
    const bool is_refused = fate.outcome == Fate::Outcome::refused;
    ++(is_copy ? totals_.copies : is_refused ? totals_.refused : totals_.sent);
    if (plan_.on_record) plan_.on_record(fate);
  }
  rest_ = slice.end;
  return {};
}

/// Reports the progress so far; false when on_slice ends the work.
bool RangeReplay::may_go_on() {
  const double share = offsets_ > 0 ? static_cast<double>(offsets_done_) / static_cast<double>(offsets_) : 1;
  stopped_ = plan_.on_slice && !plan_.on_slice({.records = records_, .share = share});
  return !stopped_;
}

}  // namespace nx::replay
