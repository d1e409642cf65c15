#pragma once

#include <cstdint>

namespace nx::auth {

/// Counters of the key set, for tests and metrics.
struct KeySetStats {
  std::uint64_t fetches = 0;  // fetches that have ended
  std::uint64_t failed_fetches = 0;
  std::uint64_t keys = 0;           // in the current set
  std::uint64_t unusable_keys = 0;  // entries of the current set that were left out
};

}  // namespace nx::auth
