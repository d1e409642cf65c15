#include "ingest/kafka_consumer.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "contract/activity_message.hpp"
#include "ingest/dead_letters.hpp"
#include "ingest/group_member.hpp"
#include "ingest/record.hpp"
#include "observe/counter.hpp"
#include "runtime/backoff.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kBatchRecords = 256;               // contract §6
constexpr std::size_t kBatchBytes = 16UL * 1024 * 1024;  // of values: bounds memory when messages are large
constexpr milliseconds kBatchWait{5};                    // after the first message
constexpr int kPartsOfPollInterval = 4;                  // of max.poll.interval.ms a batch takes one before it polls
constexpr milliseconds kIdlePoll{100};                   // stop() is noticed that fast
constexpr milliseconds kLeaveWithin{5'000};              // with one database statement (5 s) stop() stays below 10 s

}  // namespace

struct KafkaConsumer::State {
  State(KafkaOptions given, delivery::Notify& notify_, const observe::Logger& log_)
      : options(std::move(given)), notify(notify_), log(log_) {}

  // The consumer's thread.
  void run();
  void consume();
  void gather();
  void take(MessageHandle message);
  enum class Settled { all, a_part, held_back };
  Settled settle();
  Settled store();
  bool bury();
  void breathe();
  void hold();
  void pause();
  void release();
  void poll_for(milliseconds time);
  void forget(const rd_kafka_topic_partition_list_t& partitions);
  void orphan(const std::set<std::int32_t>& partitions);
  void note_held(const Record& record);
  void note_time(const Record& record);
  void note_all_held();
  void note_stored(std::span<Record* const> given);

  KafkaOptions options;
  delivery::Notify& notify;
  const observe::Logger& log;

  std::unique_ptr<GroupMember> member;
  std::optional<DeadLetters> dead_letters;
  std::vector<Record> held;  // in the order they came; offsets are stored when all are done
  std::size_t held_bytes = 0;
  runtime::Backoff backoff{milliseconds{100}, milliseconds{5'000}};

  std::thread thread;
  bool paused = false;
  std::atomic<bool> stopping{false}, running{false}, holding{false};
  std::string broken;                  // why consuming has ended; written before `is_broken`, never after
  std::atomic<bool> is_broken{false};  // by an exception
  observe::LogGate hold_gate, expired_gate, odd_gate;
  std::atomic<std::int64_t> oldest_held_ms{0};  // epoch; 0: nothing is held
  observe::Counter records, poison, empty, expired, odd_timestamps, batches, retries, dlq, dlq_lost, extra_dropped,
      replaced_surrogates;
  observe::Histogram record_to_commit;
};

/// A defect or memory that has run out must end the instance with its reason, not std::terminate without one. Nothing
/// of what was in hand is committed: it comes again.
void KafkaConsumer::State::run() {
  try {
    consume();
  } catch (const std::exception& error) {
    broken = std::string("the ingest thread ended with an exception: ") + error.what();
    log.error("consuming has ended", {{"reason", broken}});
    is_broken.store(true, std::memory_order_release);
    running.store(false, std::memory_order_relaxed);
  }
}

void KafkaConsumer::State::consume() {
  while (!stopping.load(std::memory_order_relaxed) && !member->failure()) {
    if (held.empty()) gather();
    if (held.empty()) continue;
    switch (settle()) {
      case Settled::all:
        member->store_offsets(held);
        batches.add();
        held.clear();
        note_all_held();
        break;
      case Settled::a_part:
        breathe();
        break;
      case Settled::held_back:
        hold();
        poll_for(backoff.next());
        break;
    }
    if (held.empty()) release();  // done, or a rebalance has given them to others
  }
  held.clear();
  note_all_held();
  member->leave(kLeaveWithin);
  running.store(false, std::memory_order_relaxed);
}

void KafkaConsumer::State::gather() {
  take(member->poll(kIdlePoll));
  const auto deadline = Clock::now() + kBatchWait;
  while (!held.empty() && held.size() < kBatchRecords && held_bytes < kBatchBytes) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() < 0) break;
    MessageHandle message = member->poll(left);
    if (!message) break;
    take(std::move(message));
  }
}

void KafkaConsumer::State::take(MessageHandle message) {
  if (!message) return;
  records.add();
  if (message->len == 0) empty.add();
  const bool may_be_too_old = !options.clock_is_right || options.clock_is_right();
  held.push_back(
      read_record(std::move(message), options.extra_fields, may_be_too_old ? options.retention : milliseconds{0}));
  const Record& record = held.back();
  note_time(record);
  if (contract::extra_was_dropped(record.activity)) extra_dropped.add();
  if (record.activity.replaced > 0) replaced_surrogates.add(record.activity.replaced);
  note_held(record);
}

void KafkaConsumer::State::note_time(const Record& record) {
  if (!record.expired && !record.odd_timestamp) return;
  (record.expired ? expired : odd_timestamps).add();
  std::int64_t suppressed = 0;
  if (!(record.expired ? expired_gate : odd_gate).pass(suppressed)) return;
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(record.message.get(), &type);
  log.warn(record.expired ? "record older than SIGNAL_RETENTION_DAYS: committed, not stored"
                          : "record's timestamp is not in milliseconds: read as what it means",
           {{"topic", rd_kafka_topic_name(record.message->rkt)},
            {"partition", record.message->partition},
            {"offset", record.message->offset},
            {"timestamp", timestamp},
            {"time", iso8601(record.time)},
            {"suppressed", suppressed}});
}

/// Held back: infrastructure is away. What is done stays done.
KafkaConsumer::State::Settled KafkaConsumer::State::settle() {
  const Settled stored = store();
  return bury() ? stored : Settled::held_back;
}

KafkaConsumer::State::Settled KafkaConsumer::State::store() {
  const auto until = Clock::now() + options.max_poll_interval / kPartsOfPollInterval;
  std::vector<Activity> activities;
  std::vector<Record*> origins;
  const auto flush = [&] {
    if (activities.empty()) return Settled::all;
    auto result = notify.some(activities, until);
    if (!result) {
      std::int64_t suppressed = 0;
      if (hold_gate.pass(suppressed)) {
        log.warn("batch held back",
                 {{"reason", result.error().message}, {"messages", activities.size()}, {"suppressed", suppressed}});
      }
      return Settled::held_back;
    }
    const bool all = result->handled == origins.size();
    origins.resize(result->handled);
    for (Record* record : origins) record->step = Record::Step::done;
    for (auto& bad : result->poison) {
      origins[bad.index]->step = Record::Step::dead_letter;
      origins[bad.index]->reason = std::move(bad.reason);
    }
    note_stored(origins);
    activities.clear();
    origins.clear();
    return all ? Settled::all : Settled::a_part;
  };
  for (Record& record : held) {
    if (record.step != Record::Step::store) continue;
    activities.push_back(record.activity);
    origins.push_back(&record);
    if (activities.size() < kBatchRecords) continue;
    if (const Settled settled = flush(); settled != Settled::all) return settled;
  }
  return flush();
}

bool KafkaConsumer::State::bury() {
  std::vector<Record*> dead;
  std::vector<DeadLetter> letters;
  for (Record& record : held) {
    if (record.step != Record::Step::dead_letter) continue;
    dead.push_back(&record);
    letters.push_back({record.message.get(), record.reason});
  }
  if (dead.empty()) return true;
  std::vector<DeadLetterFate> fates(dead.size(), DeadLetterFate::sent);
  if (dead_letters) fates = dead_letters->send(letters);
  bool all = true;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    if (fates[i] == DeadLetterFate::retry) {
      all = false;
      continue;
    }
    dead[i]->step = Record::Step::done;
    poison.add();
    if (dead_letters) (fates[i] == DeadLetterFate::sent ? dlq : dlq_lost).add();
    log.warn("message can never be handled", {{"topic", options.topic},
                                              {"partition", dead[i]->message->partition},
                                              {"offset", dead[i]->message->offset},
                                              {"reason", dead[i]->reason}});
  }
  return all;
}

/// In the middle of a batch that takes long: the group hears of us, and what the brokers have to say is served.
void KafkaConsumer::State::breathe() {
  log.debug("batch takes long", {{"held", held.size()}});
  pause();
  take(member->poll(milliseconds{0}));
}

void KafkaConsumer::State::hold() {
  retries.add();
  holding.store(true);
  pause();
}

void KafkaConsumer::State::pause() {
  if (!std::exchange(paused, true)) member->pause();
}

void KafkaConsumer::State::release() {
  backoff.reset();
  if (std::exchange(paused, false)) member->resume();
  if (holding.exchange(false)) log.info("consuming again");
}

void KafkaConsumer::State::poll_for(milliseconds time) {
  const auto until = Clock::now() + time;
  while (!stopping.load(std::memory_order_relaxed) && !held.empty()) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    if (left.count() <= 0) return;
    take(member->poll(std::min(left, kIdlePoll)));  // a paused partition's message may still have been on its way
  }
}

void KafkaConsumer::State::forget(const rd_kafka_topic_partition_list_t& partitions) {
  std::erase_if(held, [&partitions](const Record& record) {
    return !record.orphaned && rd_kafka_topic_partition_list_find(&partitions, rd_kafka_topic_name(record.message->rkt),
                                                                  record.message->partition) != nullptr;
  });
  note_all_held();
}

/// Nobody else has them any more: they are stored, but no offset goes with them.
void KafkaConsumer::State::orphan(const std::set<std::int32_t>& partitions) {
  for (Record& record : held) record.orphaned = record.orphaned || partitions.contains(record.message->partition);
}

void KafkaConsumer::State::note_held(const Record& record) {
  held_bytes += record.message->len;
  const std::int64_t oldest = oldest_held_ms.load(std::memory_order_relaxed);
  if (oldest == 0 || record.time.value < oldest) {
    oldest_held_ms.store(record.time.value, std::memory_order_relaxed);
  }
}

void KafkaConsumer::State::note_all_held() {
  held_bytes = 0;
  oldest_held_ms.store(0, std::memory_order_relaxed);
  for (const Record& record : held) note_held(record);
}

void KafkaConsumer::State::note_stored(std::span<Record* const> given) {
  struct Stored {
    std::int64_t first = 0, last = 0, messages = 0;
  };
  std::map<std::int32_t, Stored> by_partition;
  const std::int64_t now = now_wall().value;
  for (const Record* record : given) {
    if (record->step != Record::Step::done) continue;  // poison that the database found
    record_to_commit.record(milliseconds{now - record->time.value});
    auto& stored = by_partition[record->message->partition];
    if (stored.messages++ == 0) stored.first = record->message->offset;
    stored.last = record->message->offset;
  }
  for (const auto& [partition, stored] : by_partition) {
    log.debug("batch stored", {{"partition", partition},
                               {"first_offset", stored.first},
                               {"last_offset", stored.last},
                               {"messages", stored.messages}});
  }
}

KafkaConsumer::KafkaConsumer(KafkaOptions options, delivery::Notify& notify, const observe::Logger& log)
    : state_(std::make_unique<State>(std::move(options), notify, log)) {}

KafkaConsumer::~KafkaConsumer() {
  stop();
}

Result<void> KafkaConsumer::start() {
  State& state = *state_;
  auto member = GroupMember::join(
      state.options,
      {.on_revoked = [&state](const rd_kafka_topic_partition_list_t& partitions) { state.forget(partitions); },
       .on_remade = [&state](const std::set<std::int32_t>& partitions) { state.orphan(partitions); },
       .on_unreadable =
           [&state] {
             state.poison.add();
             if (state.dead_letters) state.dlq_lost.add();
           }},
      state.log);
  if (!member) return tl::unexpected(std::move(member.error()));
  state.member = std::move(*member);
  if (!state.options.dlq_topic.empty()) {
    auto letters = DeadLetters::open(state.options, state.log);
    if (!letters) return tl::unexpected(std::move(letters.error()));
    state.dead_letters.emplace(std::move(*letters));
  }
  state.running.store(true, std::memory_order_release);
  state.thread = std::thread{[&state] { state.run(); }};
  return {};
}

void KafkaConsumer::stop() {
  State& state = *state_;
  state.stopping.store(true, std::memory_order_relaxed);
  if (state.thread.joinable()) state.thread.join();
}

bool KafkaConsumer::ready() const {
  const State& state = *state_;
  return state.running.load(std::memory_order_relaxed) && state.member->connected() &&
         !state.holding.load(std::memory_order_relaxed) && !state.member->failure();
}

bool KafkaConsumer::connected() const {
  const State& state = *state_;
  return state.running.load(std::memory_order_acquire) && state.member->connected();
}

bool KafkaConsumer::holding() const {
  return state_->holding.load(std::memory_order_relaxed);
}

std::optional<std::string> KafkaConsumer::failure() const {
  if (state_->is_broken.load(std::memory_order_acquire)) return state_->broken;
  // `member` is written before the thread starts and never after.
  return state_->member ? state_->member->failure() : std::nullopt;
}

KafkaConsumer::Stats KafkaConsumer::stats() const {
  const State& state = *state_;
  const std::int64_t oldest = state.oldest_held_ms.load(std::memory_order_relaxed);
  const bool is_member = state.running.load(std::memory_order_acquire);  // before that start() may be writing `member`
  return {.records = state.records.value(),
          .poison = state.poison.value(),
          .empty = state.empty.value(),
          .batches = state.batches.value(),
          .retries = state.retries.value(),
          .dlq = state.dlq.value(),
          .dlq_lost = state.dlq_lost.value(),
          .extra_dropped = state.extra_dropped.value(),
          .replaced_surrogates = state.replaced_surrogates.value(),
          .expired = state.expired.value(),
          .odd_timestamps = state.odd_timestamps.value(),
          .assigned_partitions = is_member ? state.member->lag().partitions() : 0,
          .lag_messages = is_member ? state.member->lag().messages() : 0,
          .oldest_unstored = milliseconds{oldest == 0 ? 0 : std::max<std::int64_t>(now_wall().value - oldest, 0)},
          .record_to_commit = state.record_to_commit.snapshot()};
}

}  // namespace nx::ingest
