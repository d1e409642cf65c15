#pragma once
// How long the consumer's thread waits for room on the bus: rows do not wait for Redis. Used by that thread alone.

#include <algorithm>
#include <chrono>

namespace nx::delivery {

class RoomPatience {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Span = std::chrono::steady_clock::duration;
  // While Redis takes messages at all, there is room soon.
  static constexpr std::chrono::milliseconds kAtOnce{2'000};
  // Over hints and batches: so much, and then a tenth of the time that passes.
  static constexpr std::chrono::milliseconds kInAll{10'000};
  static constexpr int kShare = 10;

  explicit RoomPatience(Time now) : counted_(now) {}

  /// Until when to wait; `now` itself after a wait in vain, until there was room.
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
