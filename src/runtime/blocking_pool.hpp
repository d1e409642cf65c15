#pragma once
// A few threads for work that blocks (SQL), each with its own resource (a connection). The queue is bounded, in length
// and in time; when it is full submit() refuses and the caller answers 503. Jobs must bound their own time. Destruction
// runs what is queued, then joins.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

namespace nx::runtime {

template <class Resource>
class BlockingPool {
 public:
  using Job = std::function<void(Resource&)>;
  using Factory = std::function<Resource()>;  // called on each pool thread, once

  BlockingPool(const std::string& name, std::size_t threads, std::size_t max_queued, const Factory& make,
               std::chrono::milliseconds max_wait = std::chrono::seconds{5})
      : max_queued_(max_queued), max_wait_(max_wait) {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this, make, label = (name + "-" + std::to_string(i)).substr(0, 15)] {
        pthread_setname_np(pthread_self(), label.c_str());
        Resource resource = make();
        work(resource);
      });
    }
  }
  ~BlockingPool() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// For an end at which nobody hears the answers any more: what is queued is dropped unrun, nothing more is taken. Any
  /// thread.
  void abandon() {
    std::deque<Waiting> dropped;  // jobs are destroyed without the lock
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    changed_.notify_all();
  }

  /// Any thread. False when the queue is full or the pool is stopping: the job was not taken. `too_late`, when given,
  /// is called on a pool's thread instead of a job that has waited for longer than the pool's time.
  [[nodiscard]] bool submit(Job job, std::function<void()> too_late = {}) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || queue_.size() >= max_queued_) return false;
      queue_.push_back({std::move(job), std::move(too_late), Clock::now()});
    }
    changed_.notify_one();
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Job job;
    std::function<void()> too_late;
    Clock::time_point since;
  };

  void work(Resource& resource) {
    for (;;) {
      Waiting next;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      if (next.too_late && Clock::now() > next.since + max_wait_) {
        next.too_late();
      } else {
        next.job(resource);
      }
    }
  }

  const std::size_t max_queued_;
  const std::chrono::milliseconds max_wait_;
  std::mutex mutex_;  // guards queue_ and stopping_
  std::deque<Waiting> queue_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace nx::runtime
