#pragma once
// Counts what a test program allocates: the program that is linked with counted_allocations.cpp has its operator new
// replaced.

#include <cstdint>

namespace nx::testing {

/// Calls of operator new on this thread so far.
std::uint64_t allocations();

}  // namespace nx::testing
