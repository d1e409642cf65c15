#pragma once
// A rate limit that stores a single time point: the generic cell rate algorithm (ITU-T I.371 §A). Used by one thread.

#include <chrono>

#include "runtime/event_loop.hpp"

namespace nx::session {

class RateLimit {
 public:
  /// Returns true when one more message is allowed now. `per_second` 0 allows everything.
  bool admit(runtime::SteadyTime now, double per_second, double burst) {
    if (per_second <= 0) return true;
    const auto spacing =
        std::chrono::duration_cast<runtime::SteadyTime::duration>(std::chrono::duration<double>(1.0 / per_second));
    const auto next = (expected_ > now ? expected_ : now) + spacing;
    if (next - now > spacing * static_cast<long>(burst)) return false;
    expected_ = next;
    return true;
  }

 private:
  runtime::SteadyTime expected_{};
};

}  // namespace nx::session
