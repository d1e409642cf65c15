#pragma once
// Number of requests that the gateway itself answered with an error, by status. Written by one thread, read by any.

#include <algorithm>
#include <array>
#include <cstdint>

#include "observe/counter.hpp"

namespace nx::gateway {

/// 0 stands for every other status.
inline constexpr std::array<int, 8> kCountedRefusals{0, 400, 403, 408, 413, 426, 431, 503};

class RefusalCounters {
 public:
  void add(int status) noexcept {
    const auto found = std::find(kCountedRefusals.begin(), kCountedRefusals.end(), status);
    counters_[found == kCountedRefusals.end() ? 0 : static_cast<std::size_t>(found - kCountedRefusals.begin())].add();
  }
  /// `index` is a position in kCountedRefusals. Any thread.
  std::uint64_t value(std::size_t index) const noexcept { return counters_[index].value(); }

 private:
  std::array<observe::Counter, kCountedRefusals.size()> counters_;
};

}  // namespace nx::gateway
