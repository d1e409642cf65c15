#pragma once
// A thread that does one thing now and then and ends when it is told to.

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
  /// `work` says how long to wait until the next time; it must bound its own time, which is how long the destructor may
  /// take. Called at once, then again and again, on the thread of that name (≤ 15 characters).
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

  /// No further time; does not wait for the one that runs. Any thread.
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
  std::thread thread_;  // last: uses all of the above
};

}  // namespace nx::runtime
