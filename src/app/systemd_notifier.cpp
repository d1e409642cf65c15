#include "app/systemd_notifier.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <systemd/sd-daemon.h>
#include <utility>

namespace nx::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kUntilStateChanges{3'600'000};  // without a watchdog
constexpr milliseconds kLastStep{1'000};  // by how much systemd's time-out is longer than `within` of stopping()

std::string microseconds(milliseconds time) {
  return std::to_string(std::chrono::microseconds(time).count());
}

/// CLOCK_MONOTONIC, by which systemd tells a reload from an earlier one.
std::string monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000);
}

}  // namespace

SystemdNotifier::SystemdNotifier(Alive alive) : alive_(std::move(alive)) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;
  std::uint64_t watchdog = 0;
  if (sd_watchdog_enabled(0, &watchdog) > 0) {
    watchdog_ = std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(watchdog));
  }
  thread_ = std::jthread([this](const std::stop_token& over) { run(over); });
}

SystemdNotifier::~SystemdNotifier() = default;

void SystemdNotifier::ready(const std::string& status) {
  send_later("READY=1\nSTATUS=" + status);
}

void SystemdNotifier::reloading() {
  send_later("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now());
}

void SystemdNotifier::stopping(milliseconds within) {
  is_stopping_.store(true, std::memory_order_relaxed);
  send_later("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + microseconds(within + kLastStep));
}

void SystemdNotifier::send_later(std::string state) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
  }
  changed_.notify_one();
}

void SystemdNotifier::run(const std::stop_token& over) {
  const milliseconds period = watchdog_.count() > 0 ? std::max(watchdog_ / 2, milliseconds{1}) : kUntilStateChanges;
  for (;;) {
    std::string text;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, over, period, [this] { return !state_.empty(); });
      text = std::exchange(state_, {});
    }
    if (text.empty() && over.stop_requested()) return;
    if (watchdog_.count() > 0 && (is_stopping_.load(std::memory_order_relaxed) || alive_(watchdog_))) {
      text += text.empty() ? "WATCHDOG=1" : "\nWATCHDOG=1";
    }
    if (!text.empty()) sd_notify(0, text.c_str());  // an error means that systemd is not listening: nothing to be done
  }
}

}  // namespace nx::app
