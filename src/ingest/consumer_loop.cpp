// Reading: what is in hand, when to pause and to go on, what a rebalance takes away.

#include <algorithm>
#include <utility>

#include "contract/activity_message.hpp"
#include "ingest/consumer_state.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kBatchBytes = 16UL * 1024 * 1024;  // of values: bounds memory when messages are large
constexpr milliseconds kBatchWait{5};                    // after the first message
constexpr milliseconds kIdlePoll{100};                   // stop() is noticed that fast
constexpr milliseconds kLeaveWithin{5'000};              // with one database statement (5 s) stop() stays below 10 s

}  // namespace

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

}  // namespace nx::ingest
