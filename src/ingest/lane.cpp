#include "ingest/lane.hpp"

#include <algorithm>
#include <utility>

namespace nx::ingest {
namespace {

constexpr std::size_t kWithWorkers = 2;  // batches: one whose hints are sent, and the next

}  // namespace

std::optional<Lane::Clock::time_point> Lane::due() const {
  if (storing || with_workers >= kWithWorkers || revoking) return std::nullopt;
  if (held) return held_until;
  const bool has_new = (!ahead.empty() || !unread.empty()) && has_room_for_new();
  if (has_new) return Clock::time_point::min();
  if (!waiting.empty()) return waiting_until;
  return std::nullopt;
}

std::int64_t Lane::oldest() const {
  std::int64_t found = 0;
  const auto look = [&found](EpochMs time) {
    if (found == 0 || time.value < found) found = time.value;
  };
  if (storing) look(storing_from);
  if (held) look(held->records.front().time);
  if (!waiting.empty()) look(waiting.front().time);
  if (!ahead.empty()) look(ahead.front().time);
  if (!unread.empty()) look(time_of(*unread.front()));
  return found;
}

std::unique_ptr<Batch> Lane::next(Clock::time_point now) {
  if (held) return std::move(held);
  auto batch = std::make_unique<Batch>();
  batch->partition = partition;
  batch->lane = id;
  if (!waiting.empty() && waiting_until <= now) {
    batch->waited = true;
    while (!waiting.empty() && batch->records.size() < kBatchRecords) {
      batch->add(std::move(waiting.front()));
      waiting.pop_front();
    }
    return batch;
  }
  for (Record& record : std::exchange(ahead, {})) batch->add(std::move(record));
  ahead_bytes = 0;
  return batch;
}

void Lane::leave_out_done(Batch& batch) {
  std::vector<Record> left;
  std::vector<std::size_t> record_indexes;
  for (Record& record : batch.records) {
    if (record.step == Record::Step::set_aside) continue;
    if (record.step == Record::Step::done) {
      offsets.done(record.offset);
      bytes -= record.message->len;
      continue;
    }
    if (record.step == Record::Step::store) record_indexes.push_back(left.size());
    left.push_back(std::move(record));
  }
  batch.records = std::move(left);
  batch.record_indexes = std::move(record_indexes);
}

void Lane::hold() {
  holding = true;
  held_until = Clock::now() + backoff.next();
}

void Lane::go_on() {
  backoff.reset();
  holding = false;
  held_until = {};
}

}  // namespace nx::ingest
