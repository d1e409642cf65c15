#pragma once
// Durations, counted in fixed buckets: record() is a search and two adds, cheap enough for every message. One writing
// thread (Histogram) or several (SharedHistogram), any number of readers.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "observe/counter.hpp"

namespace nx::observe {

/// Upper bounds, inclusive. They range from a turn of a loop to a backlog of an hour; Kafka's timestamps are whole
/// milliseconds.
inline constexpr std::array<std::chrono::microseconds, 20> kHistogramBounds{
    std::chrono::microseconds{100}, std::chrono::microseconds{500}, std::chrono::milliseconds{1},
    std::chrono::milliseconds{2},   std::chrono::milliseconds{5},   std::chrono::milliseconds{10},
    std::chrono::milliseconds{20},  std::chrono::milliseconds{50},  std::chrono::milliseconds{100},
    std::chrono::milliseconds{200}, std::chrono::milliseconds{500}, std::chrono::seconds{1},
    std::chrono::seconds{2},        std::chrono::seconds{5},        std::chrono::seconds{10},
    std::chrono::seconds{30},       std::chrono::seconds{60},       std::chrono::seconds{300},
    std::chrono::seconds{900},      std::chrono::seconds{3'600}};

/// The index of the bucket that counts this duration. A negative one (from the clocks of two machines) counts as zero.
inline std::size_t bucket_of(std::chrono::microseconds time) noexcept {
  const auto bound = std::lower_bound(kHistogramBounds.begin(), kHistogramBounds.end(), time);
  return static_cast<std::size_t>(bound - kHistogramBounds.begin());
}

/// The values of a histogram at one moment. Snapshots of several histograms (one for each shard) can be added.
struct HistogramSnapshot {
  std::array<std::uint64_t, kHistogramBounds.size() + 1> buckets{};  // not cumulative; the last is above every bound
  std::chrono::microseconds sum{0};

  std::uint64_t count() const;
  /// The upper bound of the bucket that contains this quantile (0–1); max() above the last bound.
  std::chrono::microseconds quantile(double part) const;
  HistogramSnapshot& operator+=(const HistogramSnapshot& other);
  friend bool operator==(const HistogramSnapshot&, const HistogramSnapshot&) = default;
};

template <class Count>
class BasicHistogram {
 public:
  /// A negative duration (from the clocks of two machines) counts as zero.
  void record(std::chrono::microseconds time) noexcept {
    time = std::max(time, std::chrono::microseconds{0});
    sum_us_.add(static_cast<std::uint64_t>(time.count()));
    buckets_[bucket_of(time)].add();
  }

  /// Any thread. A value that is being recorded may already be in the sum but not in its bucket.
  HistogramSnapshot snapshot() const noexcept {
    HistogramSnapshot taken;
    for (std::size_t i = 0; i < buckets_.size(); ++i) taken.buckets[i] = buckets_[i].value();
    taken.sum = std::chrono::microseconds{static_cast<std::int64_t>(sum_us_.value())};
    return taken;
  }

 private:
  std::array<Count, kHistogramBounds.size() + 1> buckets_;
  Count sum_us_;
};

using Histogram = BasicHistogram<Counter>;
using SharedHistogram = BasicHistogram<SharedCounter>;

}  // namespace nx::observe
