#include "ingest/settlement.hpp"

#include <algorithm>
#include <utility>

namespace nx::ingest {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kOutage{1'000};  // no batch was stored for this long

}  // namespace

Settlement::Settlement(const Around& around, std::optional<DeadLetters> letters, StoreOffset store_offset)
    : around_(around),
      counters_(around.counters),
      log_(around.log),
      store_offset_(std::move(store_offset)),
      dead_letters_(std::move(letters)),
      letter_worker_(
          1, [this](std::size_t, Load& load) { send_letters(*load.front()); }, around.done) {}

void Settlement::stop_letters_soon() {
  if (dead_letters_) dead_letters_->stop_soon();
}

void Settlement::send_letters(Batch& batch) {
  std::vector<DeadLetter> letters;
  for (const Record& record : batch.records) {
    if (record.step == Record::Step::dead_letter) letters.push_back({record.message.get(), record.reason});
  }
  batch.outcomes = dead_letters_->send(letters);
}

void Settlement::settle(std::unique_ptr<Batch> batch) {
  if (fault_.empty()) fault_ = batch->broken;
  Lane* lane = around_.lanes.with(batch->lane);
  // The partition was given to others, or the batch failed with an exception: its records are redelivered.
  if (lane == nullptr || !batch->broken.empty()) {
    around_.lanes.end_work(*batch);
    return;
  }
  if (batch->stage == Batch::Stage::letters) {
    settle_letters(*batch);
    return conclude(*lane, std::move(batch));
  }
  settle_stored(*lane, *batch);
  const bool letters = std::ranges::any_of(
      batch->records, [](const Record& record) { return record.step == Record::Step::dead_letter; });
  if (letters && dead_letters_) {
    if (around_.stopping.load(std::memory_order_relaxed)) return conclude(*lane, std::move(batch));
    batch->stage = Batch::Stage::letters;
    Load load;
    load.push_back(std::move(batch));
    return letter_worker_.give(std::move(load));
  }
  if (letters) settle_letters(*batch);
  conclude(*lane, std::move(batch));
}

void Settlement::settle_stored(Lane& lane, Batch& batch) {
  delivery::Part& part = batch.part;
  for (auto& bad : part.poison) {
    Record& record = batch.records[batch.record_indexes[bad.index]];
    record.step = Record::Step::dead_letter;
    record.reason = std::move(bad.reason);
  }
  for (const auto& waiting : part.waiting) set_aside(lane, batch, waiting.index, waiting);
  for (std::size_t i = 0; i < part.handled; ++i) {
    Record& record = batch.records[batch.record_indexes[i]];
    if (record.step == Record::Step::store) record.step = Record::Step::done;
  }
  note_stored(batch, part.handled);
  if (!batch.followed) lane.costly = is_costly(part);
  if (part.held) failed_since_ = true;
  if (part.handled > 0) note_success();
  if (batch.waited && part.handled > part.waiting.size()) lane.waiting_backoff.reset();
  if (!part.waiting.empty()) lane.waiting_until = Clock::now() + lane.waiting_backoff.next();
  if (lane.waiting.empty()) lane.waiting_backoff.reset();

  const auto handled = static_cast<std::ptrdiff_t>(part.handled);
  batch.activities.erase(batch.activities.begin(), batch.activities.begin() + handled);
  batch.record_indexes.erase(batch.record_indexes.begin(), batch.record_indexes.begin() + handled);
}

/// The other messages of the batch are handled as usual.
void Settlement::set_aside(Lane& lane, Batch& batch, std::size_t index, const delivery::Waiting& waiting) {
  Record& record = batch.records[batch.record_indexes[index]];
  counters_.lock_waits.add();
  std::int64_t suppressed = 0;
  if (waiting_gate_.pass(suppressed)) {
    log_.warn("message waits for a lock", {{"topic", around_.topic},
                                           {"partition", lane.partition},
                                           {"offset", record.message->offset},
                                           {"waits_for", waiting.reason},
                                           {"suppressed", suppressed}});
  }
  Record kept = std::move(record);
  record = Record{};
  record.step = Record::Step::set_aside;
  kept.step = Record::Step::store;
  kept.activity = std::move(batch.activities[index]);
  lane.waiting.push_back(std::move(kept));
}

/// Without a DLQ topic there are no outcomes: the letters are logged and done.
void Settlement::settle_letters(Batch& batch) {
  std::size_t letter = 0;
  for (Record& record : batch.records) {
    if (record.step != Record::Step::dead_letter) continue;
    const DeadLetterOutcome unknown = dead_letters_ ? DeadLetterOutcome::retry : DeadLetterOutcome::sent;
    const DeadLetterOutcome outcome = letter < batch.outcomes.size() ? batch.outcomes[letter] : unknown;
    ++letter;
    if (outcome == DeadLetterOutcome::retry) continue;
    record.step = Record::Step::done;
    if (around_.spans != nullptr) end_span(record, *around_.spans, "message can never be handled");
    counters_.poison.add();
    if (dead_letters_) (outcome == DeadLetterOutcome::sent ? counters_.dlq : counters_.dlq_lost).add();
    log_.warn("message can never be handled", {{"topic", around_.topic},
                                               {"partition", record.message->partition},
                                               {"offset", record.message->offset},
                                               {"reason", record.reason}});
  }
  batch.outcomes.clear();
}

void Settlement::store_done(Lane& lane) {
  if (const auto next = lane.offsets.advance(); next && !lane.orphaned) store_offset_(lane.partition, *next);
}

/// No worker has the batch any more: its done records are finished, the others continue now or later.
void Settlement::conclude(Lane& lane, std::unique_ptr<Batch> batch) {
  around_.lanes.end_work(*batch);
  lane.leave_out_done(*batch);
  store_done(lane);
  if (batch->followed) return counters_.batches.add();  // the lane's state is that of a later batch

  const bool letters_left = !batch->records.empty() && batch->activities.size() < batch->records.size();
  // If several batches failed together, each is tried again at once by itself: a batch is held back only if it fails
  // alone.
  const bool held_back = (batch->part.held && !batch->shared) || letters_left;
  if (batch->part.held) tell_why_held(lane, *batch);
  batch->part = {};
  if (batch->records.empty()) {
    counters_.batches.add();
  } else {
    if (!held_back && !batch->shared)
      log_.debug("batch takes long", {{"partition", lane.partition}, {"left", batch->records.size()}});
    lane.held = std::move(batch);
  }
  if (!held_back) return lane.go_on();
  counters_.retries.add();
  lane.hold();
}

void Settlement::tell_why_held(const Lane& lane, const Batch& batch) {
  if (batch.shared) {
    return log_.debug("batch tried alone", {{"reason", batch.part.held->message}, {"partition", lane.partition}});
  }
  std::int64_t suppressed = 0;
  if (hold_gate_.pass(suppressed)) {
    log_.warn("batch held back", {{"reason", batch.part.held->message},
                                  {"partition", lane.partition},
                                  {"messages", batch.activities.size()},
                                  {"suppressed", suppressed}});
  }
}

/// After an outage all partitions continue at once; they do not wait for the end of their own back-off.
void Settlement::note_success() {
  const auto now = Clock::now();
  const bool was_away = std::exchange(failed_since_, false) && now - last_success_ > kOutage;
  last_success_ = now;
  if (!was_away) return;
  around_.lanes.each([](Lane& lane) { lane.held_until = {}; });
}

void Settlement::note_trace(const Activity& activity, milliseconds time, EpochMs now) {
  const auto trace = activity.traceparent ? observe::sampled_context(*activity.traceparent) : std::nullopt;
  if (trace) counters_.commit_exemplars.set({.trace = trace->trace, .value = time, .at = now});
}

void Settlement::note_stored(const Batch& batch, std::size_t handled) {
  const std::int64_t now = now_wall().value;
  std::int64_t first = 0, last = 0, messages = 0;
  for (std::size_t i = 0; i < handled; ++i) {
    const Record& record = batch.records[batch.record_indexes[i]];
    if (record.step != Record::Step::done) continue;  // poison that the database found, or a message that was set aside
    const milliseconds time{std::max<std::int64_t>(now - record.time.value, 0)};
    counters_.record_to_commit.record(time);
    note_trace(batch.activities[i], time, EpochMs{now});
    if (around_.spans != nullptr) end_span(record, *around_.spans, nullptr);
    if (messages++ == 0) first = record.offset;
    last = record.offset;
  }
  if (messages == 0) return;
  log_.debug("batch stored",
             {{"partition", batch.partition}, {"first_offset", first}, {"last_offset", last}, {"messages", messages}});
}

}  // namespace nx::ingest
