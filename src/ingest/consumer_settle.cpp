// Settles the records of a batch after a worker had it: rows, dead letters, set aside, or held back.

#include <algorithm>
#include <span>
#include <utility>

#include "ingest/consumer_state.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kOutage{1'000};  // no batch was stored for this long
constexpr milliseconds kTurn{
    1'000};  // a batch that takes longer is done in parts, so that other batches get their turns
constexpr milliseconds kSlow{
    100};  // a lane whose policy reads take longer is stored alone, so that others do not wait for it

}  // namespace

void KafkaConsumer::State::start_workers() {
  workers = std::make_unique<Workers>(
      notifies.size(), [this](std::size_t worker, Load& load) { store(worker, load); }, done);
  letter_worker = std::make_unique<Workers>(
      1, [this](std::size_t, Load& load) { send_letters(*load.front()); }, done);
}

void KafkaConsumer::State::store(std::size_t worker, Load& load) {
  std::vector<std::span<const Activity>> messages;
  for (const auto& batch : load) messages.emplace_back(batch->activities);
  auto parts = notifies[worker]->some(messages, Clock::now() + kTurn);
  for (std::size_t i = 0; i < load.size(); ++i) load[i]->part = std::move(parts[i]);
}

void KafkaConsumer::State::send_letters(Batch& batch) {
  std::vector<DeadLetter> letters;
  for (const Record& record : batch.records) {
    if (record.step == Record::Step::dead_letter) letters.push_back({record.message.get(), record.reason});
  }
  batch.outcomes = dead_letters->send(letters);
}

void KafkaConsumer::State::settle_done(Clock::time_point until) {
  for (Load& load : done.take(until)) {
    if (load.front()->stage == Batch::Stage::storing) --storing;
    for (auto& batch : load) settle(std::move(batch));
  }
}

void KafkaConsumer::State::settle(std::unique_ptr<Batch> batch) {
  if (worker_fault.empty()) worker_fault = batch->broken;
  Lane* lane = lane_with(batch->lane);
  // The partition was given to others, or the batch failed with an exception: its records are redelivered.
  if (lane == nullptr || !batch->broken.empty()) {
    at_work.erase(batch->partition);
    return;
  }
  if (batch->stage == Batch::Stage::letters) {
    settle_letters(*batch);
    return conclude(*lane, std::move(batch));
  }
  settle_stored(*lane, *batch);
  const bool letters = std::ranges::any_of(
      batch->records, [](const Record& record) { return record.step == Record::Step::dead_letter; });
  if (letters && dead_letters) {
    if (stopping.load(std::memory_order_relaxed)) return conclude(*lane, std::move(batch));
    batch->stage = Batch::Stage::letters;
    Load load;
    load.push_back(std::move(batch));
    return letter_worker->give(std::move(load));
  }
  if (letters) settle_letters(*batch);
  conclude(*lane, std::move(batch));
}

void KafkaConsumer::State::settle_stored(Lane& lane, Batch& batch) {
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
  lane.costly = part.resolving > kSlow || !part.poison.empty();
  if (part.held) failed_since = true;
  if (part.handled > 0) note_success();
  if (batch.waited && part.handled > part.waiting.size()) lane.waiting_backoff.reset();
  if (!part.waiting.empty()) lane.waiting_until = Clock::now() + lane.waiting_backoff.next();
  if (lane.waiting.empty()) lane.waiting_backoff.reset();

  const auto handled = static_cast<std::ptrdiff_t>(part.handled);
  batch.activities.erase(batch.activities.begin(), batch.activities.begin() + handled);
  batch.record_indexes.erase(batch.record_indexes.begin(), batch.record_indexes.begin() + handled);
}

/// The other messages of the batch go on.
void KafkaConsumer::State::set_aside(Lane& lane, Batch& batch, std::size_t index, const delivery::Waiting& waiting) {
  Record& record = batch.records[batch.record_indexes[index]];
  lock_waits.add();
  std::int64_t suppressed = 0;
  if (waiting_gate.pass(suppressed)) {
    log.warn("message waits for a lock", {{"topic", options.topic},
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
void KafkaConsumer::State::settle_letters(Batch& batch) {
  std::size_t letter = 0;
  for (Record& record : batch.records) {
    if (record.step != Record::Step::dead_letter) continue;
    const DeadLetterOutcome unknown = dead_letters ? DeadLetterOutcome::retry : DeadLetterOutcome::sent;
    const DeadLetterOutcome outcome = letter < batch.outcomes.size() ? batch.outcomes[letter] : unknown;
    ++letter;
    if (outcome == DeadLetterOutcome::retry) continue;
    record.step = Record::Step::done;
    poison.add();
    if (dead_letters) (outcome == DeadLetterOutcome::sent ? dlq : dlq_lost).add();
    log.warn("message can never be handled", {{"topic", options.topic},
                                              {"partition", record.message->partition},
                                              {"offset", record.message->offset},
                                              {"reason", record.reason}});
  }
  batch.outcomes.clear();
}

/// No worker has the batch any more: its done records are finished, the others continue now or later.
void KafkaConsumer::State::conclude(Lane& lane, std::unique_ptr<Batch> batch) {
  lane.at_work = false;
  at_work.erase(lane.partition);
  leave_out_done(lane, *batch);
  if (const auto next = lane.offsets.advance(); next && !lane.orphaned) member->store_offset(lane.partition, *next);

  const bool letters_left = !batch->records.empty() && batch->activities.size() < batch->records.size();
  // If several batches failed together, each is tried again at once by itself: a batch is held back only if it fails
  // alone.
  const bool held_back = (batch->part.held && !batch->shared) || letters_left;
  if (batch->part.held && batch->shared) {
    log.debug("batch tried alone", {{"reason", batch->part.held->message}, {"partition", lane.partition}});
  } else if (batch->part.held) {
    std::int64_t suppressed = 0;
    if (hold_gate.pass(suppressed)) {
      log.warn("batch held back", {{"reason", batch->part.held->message},
                                   {"partition", lane.partition},
                                   {"messages", batch->activities.size()},
                                   {"suppressed", suppressed}});
    }
  }
  batch->part = {};
  if (batch->records.empty()) {
    batches.add();
  } else {
    if (!held_back && !batch->shared)
      log.debug("batch takes long", {{"partition", lane.partition}, {"left", batch->records.size()}});
    lane.held = std::move(batch);
  }
  held_back ? hold(lane) : go_on(lane);
}

void KafkaConsumer::State::leave_out_done(Lane& lane, Batch& batch) {
  std::vector<Record> left;
  std::vector<std::size_t> record_indexes;
  for (Record& record : batch.records) {
    if (record.step == Record::Step::set_aside) continue;
    if (record.step == Record::Step::done) {
      lane.offsets.done(record.offset);
      lane.bytes -= record.message->len;
      continue;
    }
    if (record.step == Record::Step::store) record_indexes.push_back(left.size());
    left.push_back(std::move(record));
  }
  batch.records = std::move(left);
  batch.record_indexes = std::move(record_indexes);
}

void KafkaConsumer::State::hold(Lane& lane) {
  retries.add();
  lane.holding = true;
  lane.held_until = Clock::now() + lane.backoff.next();
}

void KafkaConsumer::State::go_on(Lane& lane) {
  lane.backoff.reset();
  lane.holding = false;
  lane.held_until = {};
}

/// After an outage all partitions continue at once; they do not wait for the end of their own back-off.
void KafkaConsumer::State::note_success() {
  const auto now = Clock::now();
  const bool was_away = std::exchange(failed_since, false) && now - last_success > kOutage;
  last_success = now;
  if (!was_away) return;
  for (auto& [partition, lane] : lanes) lane->held_until = {};
  for (auto& lane : orphans) lane->held_until = {};
}

void KafkaConsumer::State::note_stored(const Batch& batch, std::size_t handled) {
  const std::int64_t now = now_wall().value;
  std::int64_t first = 0, last = 0, messages = 0;
  for (std::size_t i = 0; i < handled; ++i) {
    const Record& record = batch.records[batch.record_indexes[i]];
    if (record.step != Record::Step::done) continue;  // poison that the database found, or a message that was set aside
    record_to_commit.record(milliseconds{now - record.time.value});
    if (messages++ == 0) first = record.offset;
    last = record.offset;
  }
  if (messages == 0) return;
  log.debug("batch stored",
            {{"partition", batch.partition}, {"first_offset", first}, {"last_offset", last}, {"messages", messages}});
}

}  // namespace nx::ingest
