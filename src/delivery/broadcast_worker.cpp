#include "delivery/broadcast_worker.hpp"

#include <pthread.h>
#include <utility>

namespace nx::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShown = 20;
constexpr std::chrono::milliseconds kPauseAfterFailure = 1s;
constexpr std::chrono::milliseconds kLookAtOpen = 1s;

}  // namespace

BroadcastWorker::BroadcastWorker(std::string worker, store::Repositories repositories, PushHint push,
                                 BroadcastOptions options, const observe::Logger& log)
    : stints_(std::move(worker), std::move(repositories), std::move(push), options, log), log_(log) {}

void BroadcastWorker::start() {
  thread_ = std::thread([this] { run(); });
}

void BroadcastWorker::stop() {
  stop_soon();
  if (thread_.joinable()) thread_.join();
}

void BroadcastWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

store::OpenBroadcasts BroadcastWorker::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

void BroadcastWorker::run() {
  const std::stop_token stop = stop_.get_token();
  pthread_setname_np(pthread_self(), "broadcasts");
  while (!stop.stop_requested()) {
    auto pause = stints_.run(stop);
    std::int64_t suppressed = 0;
    if (!pause && failure_gate_.pass(suppressed)) {
      log_.warn("broadcasts wait, tried again in a second",
                {{"reason", pause.error().message}, {"suppressed", suppressed}});
    }
    if (pause) look_at_open();
    const auto time = pause.value_or(kPauseAfterFailure);
    std::unique_lock lock(mutex_);
    if (time > 0ms) changed_.wait_for(lock, stop, time, [this] { return woken_; });
    woken_ = false;
  }
}

void BroadcastWorker::look_at_open() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ < kLookAtOpen) return;
  looked_at_ = now;
  auto open = stints_.open(kShown);
  if (!open) return;  // the next stint will report the same fault
  const std::lock_guard lock(mutex_);
  open_ = std::move(*open);
}

}  // namespace nx::delivery
