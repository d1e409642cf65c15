#pragma once
// Threads for work that may block. Each takes one load at a time and returns it.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ingest/batch.hpp"

namespace nx::ingest {

/// Batches of different partitions that are stored together.
using Load = std::vector<std::unique_ptr<Batch>>;

/// A lane whose next batch may be stored, see Batch::followed.
struct Followed {
  std::uint64_t lane = 0;
  bool costly = false;  // see Lane::costly
};

/// The loads that workers have returned to the poller, and the batches that they keep only to send their hints.
class DoneLoads {
 public:
  struct News {
    std::vector<Followed> followed;
    std::deque<Load> loads;
  };

  /// A worker calls `wake` when there is news; it must not block.
  explicit DoneLoads(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(Load load);
  void put_followed(const std::vector<Followed>& lanes);
  /// All news; if none, waits for it until `until`. The news that a batch is followed is taken before or with its load.
  News take(std::chrono::steady_clock::time_point until = {});

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // guards news_
  std::condition_variable came_;
  News news_;
};

class Workers {
 public:
  /// `worker` counts from 0: its objects are used only by its thread.
  using Work = std::function<void(std::size_t worker, Load& load)>;

  Workers(std::size_t count, Work work, DoneLoads& done);
  ~Workers();  // calls finish()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void give(Load load);
  /// Ends each worker after its current load; loads that were not begun are returned unchanged.
  void finish();

 private:
  void run(std::size_t worker);

  Work work_;
  DoneLoads& done_;
  std::mutex mutex_;  // guards given_ and ending_
  std::condition_variable came_;
  std::deque<Load> given_;
  bool ending_ = false;
  std::vector<std::thread> threads_;  // last, because the threads use the other members
};

}  // namespace nx::ingest
