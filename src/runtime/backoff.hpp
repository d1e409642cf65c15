#pragma once
// The waiting time before the next attempt. It doubles from the shortest to the longest; each wait is random between
// half and all of it, so that instances do not retry at the same moment ("equal jitter").

#include <algorithm>
#include <chrono>
#include <random>

namespace nx::runtime {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds shortest, std::chrono::milliseconds longest)
      : shortest_(shortest), longest_(longest) {}

  std::chrono::milliseconds next() {
    const std::chrono::milliseconds whole = next_;
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::milliseconds{std::uniform_int_distribution<long>{whole.count() / 2, whole.count()}(random_)};
  }
  void reset() { next_ = shortest_; }

 private:
  std::chrono::milliseconds shortest_, longest_;
  std::chrono::milliseconds next_ = shortest_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace nx::runtime
