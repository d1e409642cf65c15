#include "ingest/kafka_consumer.hpp"

#include <algorithm>

#include "ingest/consumer_state.hpp"

namespace nx::ingest {

using std::chrono::milliseconds;

KafkaConsumer::KafkaConsumer(KafkaOptions options, std::vector<delivery::Notify*> workers, const observe::Logger& log)
    : state_(std::make_unique<State>(std::move(options), std::move(workers), log)) {}

KafkaConsumer::~KafkaConsumer() {
  stop();
}

Result<void> KafkaConsumer::start() {
  State& state = *state_;
  if (auto opened = state.open(); !opened) return opened;
  state.start_workers();
  state.running.store(true, std::memory_order_release);
  state.thread = std::thread{[&state] { state.run(); }};
  return {};
}

Result<void> KafkaConsumer::State::open() {
  auto joined = GroupMember::join(options, log);
  if (!joined) return error_of(joined);
  member = std::move(*joined);
  member->listen({.on_revoking = [this](const rd_kafka_topic_partition_list_t& partitions) { revoking(partitions); },
                  .on_revoked = [this](const rd_kafka_topic_partition_list_t& partitions) { revoked(partitions); },
                  .on_remade = [this](const std::set<std::int32_t>& partitions) { orphan(partitions); },
                  .on_end = [this](std::int32_t partition, std::int64_t end) { read_up_to(partition, end); },
                  .on_unreadable =
                      [this] {
                        poison.add();
                        if (dead_letters) dlq_lost.add();
                      }});
  if (options.dlq_topic.empty()) return {};
  auto letters = DeadLetters::open(options, log);
  if (!letters) return error_of(letters);
  dead_letters.emplace(std::move(*letters));
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
         state.held_partitions.load(std::memory_order_relaxed) == 0 && !state.member->failure();
}

bool KafkaConsumer::connected() const {
  const State& state = *state_;
  return state.running.load(std::memory_order_acquire) && state.member->connected();
}

bool KafkaConsumer::holding() const {
  return state_->held_partitions.load(std::memory_order_relaxed) > 0;
}

std::optional<std::string> KafkaConsumer::failure() const {
  if (state_->is_broken.load(std::memory_order_acquire)) return state_->broken;
  // `member` is written before the thread starts and never after.
  return state_->member ? state_->member->failure() : std::nullopt;
}

KafkaConsumer::Stats KafkaConsumer::stats() const {
  const State& state = *state_;
  const std::int64_t oldest = state.oldest_held_ms.load(std::memory_order_relaxed);
  const bool is_member = state.running.load(std::memory_order_acquire);  // before that, start() may be writing `member`
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
          .held_partitions = state.held_partitions.load(std::memory_order_relaxed),
          .waiting_messages = state.waiting_messages.load(std::memory_order_relaxed),
          .lock_waits = state.lock_waits.value(),
          .lag_messages = is_member ? state.member->lag().messages() : 0,
          .oldest_unstored = milliseconds{oldest == 0 ? 0 : std::max<std::int64_t>(now_wall().value - oldest, 0)},
          .record_to_commit = state.record_to_commit.snapshot()};
}

}  // namespace nx::ingest
