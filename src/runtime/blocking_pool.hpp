#pragma once
// A few threads for work that blocks (SQL), each with its own resource (a connection). Queues are bounded, in length
// and in time; when one is full submit() refuses and the caller answers 503. Jobs must bound their own time. What they
// are decides how many run at once (JobQueues), so that no kind and no party holds up all others. Destruction runs what
// is queued, then joins.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

#include "runtime/job_queues.hpp"

namespace nx::runtime {

template <class Resource>
class BlockingPool {
 public:
  using Job = std::function<void(Resource&)>;
  using Factory = std::function<Resource()>;  // called on each pool thread, once

  BlockingPool(const std::string& name, std::size_t threads, std::size_t max_queued, const Factory& make,
               std::chrono::milliseconds max_wait = std::chrono::seconds{5})
      : queues_(threads), max_queued_(max_queued), max_wait_(max_wait) {
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

  /// For an end at which nobody takes the answers any more: what is queued is dropped unrun, nothing more is taken. Any
  /// thread.
  void abandon() {
    const auto dropped = [this] {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      return queues_.clear();
    }();  // jobs are destroyed without the lock
    changed_.notify_all();
  }

  /// What a job is: `party` is on whose behalf it runs, a user; whoever submits bounds how many of one party wait.
  struct Label {
    JobKind kind = JobKind::quick;
    std::string party = {};
  };

  /// Any thread. False when the kind's queue is full or the pool is stopping: the job was not taken. `too_late`, when
  /// given, is called on a pool's thread instead of a job that has waited for longer than the pool's time; two fifths
  /// of it for slow ones, whose jobs take their time themselves.
  [[nodiscard]] bool submit(Job job, std::function<void()> too_late = {}, Label label = {}) {
    const bool slow = label.kind == JobKind::slow;
    {
      const std::lock_guard lock(mutex_);
      const std::size_t most = slow ? std::max<std::size_t>(1, max_queued_ / 16) : max_queued_;
      if (stopping_ || queues_.queued(label.kind) >= most) return false;
      const auto patience = slow ? max_wait_ * 2 / 5 : max_wait_;
      queues_.put(label.kind, std::move(label.party), {std::move(job), std::move(too_late), Clock::now() + patience});
    }
    changed_.notify_one();
    return true;
  }
  [[nodiscard]] bool submit(Job job, JobKind kind) { return submit(std::move(job), {}, Label{kind}); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Job job;
    std::function<void()> too_late;
    Clock::time_point latest;
  };
  using Taken = typename JobQueues<Waiting>::Taken;

  void work(Resource& resource) {
    std::unique_lock lock(mutex_);
    for (;;) {
      std::optional<Taken> next;
      changed_.wait(lock, [&] { return (next = queues_.take()).has_value() || (stopping_ && queues_.empty()); });
      if (!next) return;
      lock.unlock();
      run(next->job, resource);
      next->job = {};
      lock.lock();
      queues_.done(next->kind, next->party);
      // More of its kind or party may run now, or the end has come.
      if (!queues_.empty() || stopping_) changed_.notify_all();
    }
  }

  void run(Waiting& next, Resource& resource) {
    if (next.too_late && Clock::now() > next.latest) {
      next.too_late();
    } else {
      next.job(resource);
    }
  }

  std::mutex mutex_;  // guards all but the threads
  JobQueues<Waiting> queues_;
  const std::size_t max_queued_;
  const std::chrono::milliseconds max_wait_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace nx::runtime
