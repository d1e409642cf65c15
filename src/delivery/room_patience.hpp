#pragma once
// Limits the time for which a thread that pushes hints waits for space in the queue of the bus, because rows must not
// wait for Redis. Used only by that thread.

#include <algorithm>
#include <chrono>

namespace nx::delivery {

class RoomPatience {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Span = std::chrono::steady_clock::duration;
  // As long as Redis accepts messages at all, there is space within this time.
  static constexpr std::chrono::milliseconds kAtOnce{2'000};
  // A budget over all hints and batches: this much, refilled with a tenth of the time that passes.
  static constexpr std::chrono::milliseconds kInAll{10'000};
  static constexpr int kShare = 10;

  explicit RoomPatience(Time now) : counted_(now) {}

  /// Returns when the next wait must end. After a wait that ended without space this is `now`, so that the thread does
  /// not wait, until waited() reports space again.
  Time until(Time now) {
    left_ = std::min<Span>(kInAll, left_ + (now - counted_) / kShare);
    counted_ = now;
    return in_vain_ ? now : now + std::min<Span>(kAtOnce, left_);
  }

  void waited(Time now, bool room) {
    left_ -= std::min(left_, now - counted_);
    counted_ = now;
    in_vain_ = !room;
  }

 private:
  Time counted_;
  Span left_ = kInAll;
  bool in_vain_ = false;
};

}  // namespace nx::delivery
