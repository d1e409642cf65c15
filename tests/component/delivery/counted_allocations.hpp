#pragma once
// Counts what this test program allocates: its operator new is replaced.

#include <cstdint>

namespace nx::delivery {

/// Calls of operator new on this thread so far.
std::uint64_t allocations();

}  // namespace nx::delivery
