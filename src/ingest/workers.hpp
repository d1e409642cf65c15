#pragma once
// Threads that do what may wait, one batch at a time each, and hand it back.

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

/// Batches that come back to the poller.
class DoneBatches {
 public:
  /// `wake` is called by a worker when something came; it must not block.
  explicit DoneBatches(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(std::unique_ptr<Batch> batch);
  /// All that came; waits for the first until then.
  std::deque<std::unique_ptr<Batch>> take(std::chrono::steady_clock::time_point until = {});

 private:
  std::function<void()> wake_;
  std::mutex mutex_;  // guards done_
  std::condition_variable came_;
  std::deque<std::unique_ptr<Batch>> done_;
};

class Workers {
 public:
  /// `worker` counts from 0: what belongs to it is used by its thread alone.
  using Work = std::function<void(std::size_t worker, Batch& batch)>;

  Workers(std::size_t count, Work work, DoneBatches& done);
  ~Workers();  // finish()
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void give(std::unique_ptr<Batch> batch);
  /// Ends each after the batch that it has; what nobody has begun comes back as it is.
  void finish();

 private:
  void run(std::size_t worker);

  Work work_;
  DoneBatches& done_;
  std::mutex mutex_;  // guards given_ and ending_
  std::condition_variable came_;
  std::deque<std::unique_ptr<Batch>> given_;
  bool ending_ = false;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace nx::ingest
