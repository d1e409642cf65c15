#pragma once
// How long to wait before the next try: doubling from 100 ms to 5 s, each between half and whole, so that instances do
// not knock together.

#include <algorithm>
#include <chrono>
#include <random>

namespace nx::ingest {

class Backoff {
 public:
  std::chrono::milliseconds next() {
    const std::chrono::milliseconds whole = next_;
    next_ = std::min(next_ * 2, kLongest);
    return std::chrono::milliseconds{std::uniform_int_distribution<long>{whole.count() / 2, whole.count()}(random_)};
  }
  void reset() { next_ = kShortest; }

 private:
  static constexpr std::chrono::milliseconds kShortest{100};
  static constexpr std::chrono::milliseconds kLongest{5'000};

  std::chrono::milliseconds next_ = kShortest;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace nx::ingest
