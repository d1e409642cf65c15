#pragma once
// Serves the requests of operators about dead letters, one at a time, on a thread that exists only for the request.

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "observe/log.hpp"
#include "replay/dead_letter_page.hpp"
#include "replay/letter_replay.hpp"

namespace nx::replay {

/// Used by any thread, except the destructor.
class DeadLetterRequests {
 public:
  /// `log` is borrowed.
  DeadLetterRequests(Topics topics, const observe::Logger& log) : topics_(std::move(topics)), log_(log) {}
  ~DeadLetterRequests();  // waits for the request that is served, up to 10 s
  DeadLetterRequests(const DeadLetterRequests&) = delete;
  DeadLetterRequests& operator=(const DeadLetterRequests&) = delete;

  const Topics& topics() const { return topics_; }

  /// The request that is served ends with the next answer of the brokers.
  void stop_soon() { stopping_.store(true); }

  // Each returns false, without calling `done`, while another request is served, or when no thread can be started.
  // Otherwise `done` is called once, on the thread of the request.
  bool list(std::size_t limit, std::optional<DeadLetterCursor> before,
            std::function<void(Result<DeadLetterPage>)> done);
  bool replay(const kafka::Position& at, std::optional<std::string> value,
              std::function<void(Result<LetterSent>)> done);

 private:
  bool begin(std::function<void()> work);
  kafka::Deadline deadline() const { return {std::chrono::steady_clock::now() + topics_.within, &stopping_}; }

  const Topics topics_;
  const observe::Logger& log_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;    // guards busy_ and thread_
  bool busy_ = false;   // until the request has been answered
  std::thread thread_;  // the last request's
};

}  // namespace nx::replay
