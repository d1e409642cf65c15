#pragma once

#include <cstdint>

namespace nx::auth {

/// Counters of the key set, for tests and metrics.
struct KeySetStats {
  std::uint64_t fetches = 0;  // that have ended
  std::uint64_t failed_fetches = 0;
  std::uint64_t keys = 0;           // in the set at hand
  std::uint64_t unusable_keys = 0;  // of it
};

}  // namespace nx::auth
