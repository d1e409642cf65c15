#include "ingest/workers.hpp"

#include <exception>
#include <utility>

namespace nx::ingest {

void DoneBatches::put(std::unique_ptr<Batch> batch) {
  {
    const std::lock_guard lock{mutex_};
    done_.push_back(std::move(batch));
  }
  came_.notify_one();
  wake_();
}

std::deque<std::unique_ptr<Batch>> DoneBatches::take(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock{mutex_};
  if (done_.empty() && until > std::chrono::steady_clock::now()) {
    came_.wait_until(lock, until, [this] { return !done_.empty(); });
  }
  return std::exchange(done_, {});
}

Workers::Workers(std::size_t count, Work work, DoneBatches& done) : work_(std::move(work)), done_(done) {
  for (std::size_t worker = 0; worker < count; ++worker) threads_.emplace_back([this, worker] { run(worker); });
}

Workers::~Workers() {
  finish();
}

void Workers::give(std::unique_ptr<Batch> batch) {
  {
    const std::lock_guard lock{mutex_};
    given_.push_back(std::move(batch));
  }
  came_.notify_one();
}

void Workers::finish() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  came_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  for (auto& batch : std::exchange(given_, {})) done_.put(std::move(batch));
}

void Workers::run(std::size_t worker) {
  for (;;) {
    std::unique_ptr<Batch> batch;
    {
      std::unique_lock lock{mutex_};
      came_.wait(lock, [this] { return ending_ || !given_.empty(); });
      if (ending_) return;
      batch = std::move(given_.front());
      given_.pop_front();
    }
    try {
      work_(worker, *batch);
    } catch (const std::exception& error) {
      batch->broken = error.what();
    }
    done_.put(std::move(batch));
  }
}

}  // namespace nx::ingest
