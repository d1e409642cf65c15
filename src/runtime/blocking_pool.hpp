#pragma once
// A few threads for work that blocks (SQL), each with its own resource (a connection). The queues are bounded in length
// and in time; when one is full, submit() refuses the job and the caller answers 503. Jobs must bound their own time.
// The kind and party of a job decide how many run at once (JobQueues), so that no kind and no party blocks all others.
// The destructor runs the queued jobs, then joins the threads.

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
  using Factory = std::function<Resource()>;  // called once on each pool thread

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

  /// For a shutdown when nobody waits for the answers: drops the queued jobs without running them and accepts no more.
  /// Any thread.
  void abandon() {
    const auto dropped = [this] {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      return queues_.clear();
    }();  // the jobs are destroyed without the lock
    changed_.notify_all();
  }

  /// The kind of a job, and the party (a user) for whom it runs. The caller bounds how many jobs of one party wait.
  struct Label {
    JobKind kind = JobKind::quick;
    std::string party = {};
  };

  /// Any thread. Returns false when the queue of the kind is full or the pool is stopping: the job was not accepted.
  /// When a job has waited longer than the pool's time, `too_late` (if given) is called on a pool thread instead of the
  /// job. For slow jobs it is two fifths of that time, because they take long themselves.
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
      // Another job of this kind or party may run now, or the pool is stopping.
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

  std::mutex mutex_;  // guards all members except the threads
  JobQueues<Waiting> queues_;
  const std::size_t max_queued_;
  const std::chrono::milliseconds max_wait_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace nx::runtime
