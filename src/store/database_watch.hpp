#pragma once
// Is the database there? Asked once a second on a connection and thread of its own, so that /health/ready tells the
// truth also while nothing is consumed. A line when it goes and when it is back.

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
  /// `also`: what else is to be read once a second, while it is there.
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
  runtime::Periodic thread_;  // last: calls look()
};

}  // namespace nx::store
