#pragma once
// The maximum number of open descriptors of the process (RLIMIT_NOFILE).

#include <cstddef>

namespace nx::runtime {

/// 0: unlimited.
std::size_t descriptor_limit();

/// Raises the soft limit to the hard limit. Shells and service managers start programs with a small soft limit because
/// of select(2), which this program does not use. A failure is ignored; descriptor_limit() returns the result. Call
/// before threads are started.
void raise_descriptor_limit();

}  // namespace nx::runtime
