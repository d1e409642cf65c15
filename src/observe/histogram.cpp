#include "observe/histogram.hpp"

#include <numeric>

namespace nx::observe {

std::uint64_t HistogramSnapshot::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

std::chrono::microseconds HistogramSnapshot::quantile(double part) const {
  const double wanted = part * static_cast<double>(count());
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kHistogramBounds.size(); ++i) {
    below += buckets[i];
    if (static_cast<double>(below) >= wanted) return kHistogramBounds[i];
  }
  return std::chrono::microseconds::max();
}

HistogramSnapshot& HistogramSnapshot::operator+=(const HistogramSnapshot& other) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  sum += other.sum;
  return *this;
}

}  // namespace nx::observe
