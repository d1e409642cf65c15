#pragma once
// Checks once a second whether the database answers, on its own connection and thread, so that /health/ready is right
// even while nothing is consumed. Logs one line when the database becomes unavailable and one when it is back.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "observe/log.hpp"
#include "runtime/periodic.hpp"
#include "store/repositories.hpp"

namespace nx::store {

class DatabaseWatch {
 public:
  /// `also`: further reads, once a second while the database answers.
  DatabaseWatch(Repositories repositories, std::function<void(ActivityNotificationRepository&)> also,
                const observe::Logger& log);

  void stop_soon() { thread_.stop_soon(); }  // any thread

  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }  // any thread

 private:
  std::chrono::milliseconds look();

  Repositories repositories_;
  const std::function<void(ActivityNotificationRepository&)> also_;
  const observe::Logger& log_;
  std::atomic<bool> reachable_{true};
  std::chrono::steady_clock::time_point lost_at_;
  runtime::Periodic thread_;  // last, because its thread calls look()
};

}  // namespace nx::store
