#pragma once
// The thread of an instance that works on broadcasts, with its own database connection. All instances share the
// broadcasts.

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "delivery/broadcast_stints.hpp"

namespace nx::delivery {

class BroadcastWorker {
 public:
  BroadcastWorker(std::string worker, store::Repositories repositories, PushHint push, BroadcastOptions options,
                  const observe::Logger& log);
  ~BroadcastWorker() { stop(); }
  BroadcastWorker(const BroadcastWorker&) = delete;
  BroadcastWorker& operator=(const BroadcastWorker&) = delete;

  void start();
  /// Ends after the current slice; takes some seconds at most if the database hangs.
  void stop();

  /// There is a new broadcast. Any thread.
  void wake();
  /// Does not wait. Any thread.
  void stop_soon() { stop_.request_stop(); }

  const BroadcastStats& stats() const { return stints_.stats(); }  // any thread
  /// The open broadcasts of all instances, as of the last look. Any thread.
  store::OpenBroadcasts open() const;

 private:
  void run();
  void look_at_open();

  BroadcastStints stints_;
  const observe::Logger& log_;
  observe::LogGate failure_gate_;
  std::chrono::steady_clock::time_point looked_at_{};
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable_any changed_;
  bool woken_ = false;
  store::OpenBroadcasts open_;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace nx::delivery
