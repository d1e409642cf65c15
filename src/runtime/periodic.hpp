#pragma once
// A thread that calls one function periodically and ends on request.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>

namespace nx::runtime {

class Periodic {
 public:
  /// Calls `work` at once and then repeatedly on a thread with that name (at most 15 characters). `work` returns how
  /// long to wait before the next call. It must bound its own time, because the destructor waits for it.
  Periodic(const std::string& name, std::function<std::chrono::milliseconds()> work)
      : thread_([this, name, work = std::move(work)] {
          pthread_setname_np(pthread_self(), name.c_str());
          std::unique_lock lock(mutex_);
          while (!stopping_) {
            lock.unlock();
            const auto pause = work();
            lock.lock();
            changed_.wait_for(lock, pause, [this] { return stopping_; });
          }
        }) {}
  ~Periodic() {
    stop_soon();
    thread_.join();
  }
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  /// No further call is made; does not wait for the current one. Any thread.
  void stop_soon() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards stopping_
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;  // last member: uses all of the above
};

}  // namespace nx::runtime
