#pragma once
// How many descriptors the process may have open (RLIMIT_NOFILE).

#include <cstddef>

namespace nx::runtime {

/// 0: no limit.
std::size_t descriptor_limit();

/// Raises the soft limit to the hard one: shells and service managers start programs with a small soft limit for the
/// sake of select(2), which nothing here calls. Best effort; descriptor_limit() says what came of it. Before threads.
void raise_descriptor_limit();

}  // namespace nx::runtime
