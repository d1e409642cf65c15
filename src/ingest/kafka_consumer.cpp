#include "ingest/kafka_consumer.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "ingest/consumer_counters.hpp"
#include "ingest/poller.hpp"

namespace nx::ingest {

using std::chrono::milliseconds;

struct KafkaConsumer::State {
  State(KafkaOptions given, std::vector<delivery::Notify*> of_workers, const observe::Logger& log_)
      : options(std::move(given)), notifies(std::move(of_workers)), log(log_) {}

  void run();

  const KafkaOptions options;
  const std::vector<delivery::Notify*> notifies;  // one for each worker
  const observe::Logger& log;
  ConsumerCounters counters;
  std::atomic<bool> stopping{false}, running{false};
  std::string broken;                  // the reason why consuming has ended; written before `is_broken`, never after
  std::atomic<bool> is_broken{false};  // consuming has ended with an exception
  std::unique_ptr<Poller> poller;      // written before the thread starts and never after
  std::thread thread;                  // the poller's
};

KafkaConsumer::KafkaConsumer(KafkaOptions options, std::vector<delivery::Notify*> workers, const observe::Logger& log)
    : state_(std::make_unique<State>(std::move(options), std::move(workers), log)) {}

KafkaConsumer::~KafkaConsumer() {
  stop();
}

Result<void> KafkaConsumer::start() {
  State& state = *state_;
  auto opened = Poller::open(state.options, state.notifies, state.stopping, state.counters, state.log);
  if (!opened) return error_of(opened);
  state.poller = std::move(*opened);
  state.running.store(true, std::memory_order_release);
  state.thread = std::thread{[&state] { state.run(); }};
  return {};
}

/// A defect, or running out of memory, must end the instance with its reason and not with a bare std::terminate. No
/// record in hand is committed: all are redelivered.
void KafkaConsumer::State::run() {
  try {
    poller->run();
  } catch (const std::exception& error) {
    broken = std::string("the ingest thread ended with an exception: ") + error.what();
    log.error("consuming has ended", {{"reason", broken}});
    is_broken.store(true, std::memory_order_release);
  }
  running.store(false, std::memory_order_relaxed);
}

void KafkaConsumer::stop() {
  State& state = *state_;
  state.stopping.store(true, std::memory_order_relaxed);
  if (state.thread.joinable()) state.thread.join();
}

bool KafkaConsumer::ready() const {
  const State& state = *state_;
  return state.running.load(std::memory_order_relaxed) && state.poller->member().connected() &&
         state.counters.held_partitions.load(std::memory_order_relaxed) == 0 && !state.poller->member().failure();
}

bool KafkaConsumer::connected() const {
  const State& state = *state_;
  return state.running.load(std::memory_order_acquire) && state.poller->member().connected();
}

bool KafkaConsumer::holding() const {
  return state_->counters.held_partitions.load(std::memory_order_relaxed) > 0;
}

std::optional<std::string> KafkaConsumer::failure() const {
  if (state_->is_broken.load(std::memory_order_acquire)) return state_->broken;
  return state_->poller ? state_->poller->member().failure() : std::nullopt;
}

KafkaConsumer::Stats KafkaConsumer::stats() const {
  const State& state = *state_;
  const ConsumerCounters& counters = state.counters;
  const std::int64_t oldest = counters.oldest_unstored_ms.load(std::memory_order_relaxed);
  const bool running = state.running.load(std::memory_order_acquire);  // while false, start() may be writing `poller`
  return {.records = counters.records.value(),
          .poison = counters.poison.value(),
          .empty = counters.empty.value(),
          .batches = counters.batches.value(),
          .retries = counters.retries.value(),
          .dlq = counters.dlq.value(),
          .dlq_lost = counters.dlq_lost.value(),
          .extra_dropped = counters.extra_dropped.value(),
          .replaced_surrogates = counters.replaced_surrogates.value(),
          .expired = counters.expired.value(),
          .odd_timestamps = counters.odd_timestamps.value(),
          .assigned_partitions = running ? state.poller->member().lag().partitions() : 0,
          .held_partitions = counters.held_partitions.load(std::memory_order_relaxed),
          .waiting_messages = counters.waiting_messages.load(std::memory_order_relaxed),
          .lock_waits = counters.lock_waits.value(),
          .lag_messages = running ? state.poller->member().lag().messages() : 0,
          .oldest_unstored = milliseconds{oldest == 0 ? 0 : std::max<std::int64_t>(now_wall().value - oldest, 0)},
          .record_to_commit = counters.record_to_commit.snapshot(),
          .commit_exemplars = counters.commit_exemplars.snapshot()};
}

}  // namespace nx::ingest
