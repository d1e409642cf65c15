#include "ingest/kafka_consumer.hpp"

#include <algorithm>

#include "ingest/consumer_state.hpp"

namespace nx::ingest {

using std::chrono::milliseconds;

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
