#pragma once
// Threads that do what may wait, one load at a time each, and hand it back.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ingest/batch.hpp"

namespace nx::ingest {

/// Batches of different partitions that are done together.
using Load = std::vector<std::unique_ptr<Batch>>;

/// Loads that come back to the poller.
class DoneLoads {
 public:
  /// `wake` is called by a worker when something came; it must not block.
  explicit DoneLoads(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(Load load);
  /// All that came; waits for the first until then.
  std::deque<Load> take(std::chrono::steady_clock::time_point until = {});

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // guards done_
  std::condition_variable came_;
  std::deque<Load> done_;
};

class Workers {
 public:
  /// `worker` counts from 0: what belongs to it is used by its thread alone.
  using Work = std::function<void(std::size_t worker, Load& load)>;

  Workers(std::size_t count, Work work, DoneLoads& done);
  ~Workers();  // finish()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void give(Load load);
  /// Ends each after the load that it has; what nobody has begun comes back as it is.
  void finish();

 private:
  void run(std::size_t worker);

  Work work_;
  DoneLoads& done_;
  std::mutex mutex_;  // guards given_ and ending_
  std::condition_variable came_;
  std::deque<Load> given_;
  bool ending_ = false;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace nx::ingest
