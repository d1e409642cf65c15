#pragma once
// How much longer than on a quiet machine a test waits. No test asserts a speed: a wait ends as soon as its condition
// holds, so that a large factor costs nothing but the time of a failure.

namespace nx {

/// A machine that is ten times slower passes. Sanitizers slow the program further.
#if defined(SIGNAL_SANITIZES_THREADS)
inline constexpr int kPatience = 40;
#elif defined(SIGNAL_SANITIZES_ADDRESSES)
inline constexpr int kPatience = 20;
#else
inline constexpr int kPatience = 10;
#endif

}  // namespace nx
