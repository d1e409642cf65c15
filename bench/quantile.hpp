#pragma once
// The figures that benchmarks print of many values.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace nx::bench {

/// `part` is from 0 to 1. There is at least one value.
inline double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

/// There is at least one value; of an even number, the upper of the two in the middle.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace nx::bench
