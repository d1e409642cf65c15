#include "ingest/workers.hpp"

#include <exception>
#include <utility>

namespace nx::ingest {

void DoneLoads::put(Load load) {
  {
    const std::lock_guard lock{mutex_};
    news_.loads.push_back(std::move(load));
  }
  came_.notify_one();
  wake_();
}

void DoneLoads::put_followed(const std::vector<Followed>& lanes) {
  {
    const std::lock_guard lock{mutex_};
    news_.followed.insert(news_.followed.end(), lanes.begin(), lanes.end());
  }
  came_.notify_one();
  wake_();
}

DoneLoads::News DoneLoads::take(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock{mutex_};
  const auto any = [this] { return !news_.loads.empty() || !news_.followed.empty(); };
  if (!any() && until > std::chrono::steady_clock::now()) came_.wait_until(lock, until, any);
  return std::exchange(news_, {});
}

Workers::Workers(std::size_t count, Work work, DoneLoads& done) : work_(std::move(work)), done_(done) {
  for (std::size_t worker = 0; worker < count; ++worker) threads_.emplace_back([this, worker] { run(worker); });
}

Workers::~Workers() {
  finish();
}

void Workers::give(Load load) {
  {
    const std::lock_guard lock{mutex_};
    given_.push_back(std::move(load));
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
  for (Load& load : std::exchange(given_, {})) done_.put(std::move(load));
}

void Workers::run(std::size_t worker) {
  for (;;) {
    Load load;
    {
      std::unique_lock lock{mutex_};
      came_.wait(lock, [this] { return ending_ || !given_.empty(); });
      if (ending_) return;
      load = std::move(given_.front());
      given_.pop_front();
    }
    try {
      work_(worker, load);
    } catch (const std::exception& error) {
      for (auto& batch : load) batch->broken = error.what();
    }
    done_.put(std::move(load));
  }
}

}  // namespace nx::ingest
