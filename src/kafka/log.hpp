#pragma once
// Writes librdkafka's own messages to our log instead of stderr. Called on librdkafka's threads.

#include <mutex>

#include "observe/log.hpp"

namespace nx::kafka {

class Log {
 public:
  /// `log` is borrowed until silence().
  explicit Log(const observe::Logger& log) : log_(&log) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// At most once a second, except on level debug.
  void write(const char* facility, const char* text) {
    const std::lock_guard lock{mutex_};
    std::int64_t suppressed = 0;
    if (log_ == nullptr || (!log_->enabled(observe::Level::debug) && !gate_.pass(suppressed))) return;
    log_->warn("kafka client", {{"facility", facility}, {"text", text}, {"suppressed", suppressed}});
  }

  /// Nothing is written from now on.
  void silence() {
    const std::lock_guard lock{mutex_};
    log_ = nullptr;
  }

 private:
  std::mutex mutex_;  // guards log_
  const observe::Logger* log_;
  observe::LogGate gate_;
};

}  // namespace nx::kafka
