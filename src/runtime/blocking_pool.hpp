#pragma once
// A few threads for work that blocks (SQL), each with its own resource (a connection). The queue is bounded, in length
// and in time; when it is full submit() refuses and the caller answers 503. Jobs must bound their own time. Jobs that
// may take long have a lane of their own, for half of the threads, so that the others never wait for all of them.
// Destruction runs what is queued, then joins.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

namespace nx::runtime {

enum class Lane { quick, slow };

template <class Resource>
class BlockingPool {
 public:
  using Job = std::function<void(Resource&)>;
  using Factory = std::function<Resource()>;  // called on each pool thread, once

  BlockingPool(const std::string& name, std::size_t threads, std::size_t max_queued, const Factory& make,
               std::chrono::milliseconds max_wait = std::chrono::seconds{5})
      : quick_{.most = max_queued, .patience = max_wait, .may_run = threads},
        slow_{.most = std::max<std::size_t>(1, max_queued / 16),
              .patience = max_wait * 2 / 5,
              .may_run = std::max<std::size_t>(1, threads / 2)} {
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
    std::deque<Waiting> dropped, dropped_slow;  // jobs are destroyed without the lock
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(quick_.queue);
    dropped_slow.swap(slow_.queue);
    changed_.notify_all();
  }

  /// Any thread. False when the lane's queue is full or the pool is stopping: the job was not taken. `too_late`, when
  /// given, is called on a pool's thread instead of a job that has waited for longer than the pool's time; two fifths
  /// of it in the slow lane, whose jobs take their time themselves.
  [[nodiscard]] bool submit(Job job, std::function<void()> too_late = {}, Lane lane = Lane::quick) {
    {
      const std::lock_guard lock(mutex_);
      Share& share = lane == Lane::quick ? quick_ : slow_;
      if (stopping_ || share.queue.size() >= share.most) return false;
      share.queue.push_back({std::move(job), std::move(too_late), Clock::now() + share.patience, next_place_++});
    }
    changed_.notify_one();
    return true;
  }
  [[nodiscard]] bool submit(Job job, Lane lane) { return submit(std::move(job), {}, lane); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Job job;
    std::function<void()> too_late;
    Clock::time_point latest;
    std::uint64_t place = 0;  // in order of arrival, of both lanes
  };
  struct Share {
    std::size_t most;  // queued
    std::chrono::milliseconds patience;
    std::size_t may_run;  // at once
    std::deque<Waiting> queue{};
    std::size_t running = 0;
    bool ready() const { return !queue.empty() && running < may_run; }
  };

  /// The lane of the oldest job that may run; null when there is none. With the lock.
  Share* next_share() {
    if (!slow_.ready()) return quick_.ready() ? &quick_ : nullptr;
    if (!quick_.ready()) return &slow_;
    return slow_.queue.front().place < quick_.queue.front().place ? &slow_ : &quick_;
  }
  bool done() const { return stopping_ && quick_.queue.empty() && slow_.queue.empty(); }

  void work(Resource& resource) {
    std::unique_lock lock(mutex_);
    for (;;) {
      Share* share = nullptr;
      changed_.wait(lock, [&] { return (share = next_share()) != nullptr || done(); });
      if (share == nullptr) return;
      run_next(*share, resource, lock);
      // One more of its lane may run, or the end has come.
      if (share == &slow_) changed_.notify_all();
    }
  }

  void run_next(Share& share, Resource& resource, std::unique_lock<std::mutex>& lock) {
    {
      Waiting next = std::move(share.queue.front());
      share.queue.pop_front();
      ++share.running;
      lock.unlock();
      if (next.too_late && Clock::now() > next.latest) {
        next.too_late();
      } else {
        next.job(resource);
      }
    }
    lock.lock();
    --share.running;
  }

  std::mutex mutex_;  // guards all but the threads
  Share quick_, slow_;
  std::uint64_t next_place_ = 0;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

}  // namespace nx::runtime
