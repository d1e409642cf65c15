#pragma once
// Coarse timers without a kernel timer per connection: an intrusive hashed wheel (Varghese & Lauck 1987, scheme 6), one
// per loop. An entry costs two pointers and a slot number; scheduling, moving and cancelling are O(1). Home thread
// only.

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>

#include "runtime/event_loop.hpp"

namespace nx::runtime {

/// Base class of everything that is called at a given time. Not copyable; not movable while scheduled. Its destructor
/// cancels it.
class Timer {
 public:
  Timer() = default;
  virtual ~Timer() { unlink(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Called once, at or after the scheduled time (at most one granularity late, never early). May reschedule or destroy
  /// itself.
  virtual void on_timer() = 0;

  bool is_scheduled() const { return next_ != nullptr; }
  void cancel() { unlink(); }

 private:
  friend class TimerWheel;
  void unlink();
  void link_before(Timer& position);
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  std::int64_t tick_ = 0;
};

class TimerWheel {
 public:
  using Ticks = std::chrono::duration<std::int64_t, std::deci>;
  static constexpr std::chrono::milliseconds kGranularity{Ticks{1}};

  explicit TimerWheel(SteadyTime start);
  ~TimerWheel();

  /// Replaces an earlier schedule of the same entry.
  void schedule(Timer& entry, SteadyTime when);

  /// Calls at most `most` due entries. Returns true when some are left for the next call, which should follow soon.
  /// Must be called at least once per granularity.
  bool advance(SteadyTime now, std::size_t most = std::numeric_limits<std::size_t>::max());

 private:
  static constexpr std::size_t kSlots = 1024;  // 102 s per round: heartbeats, pings and expiry checks fit into one
  class Anchor final : public Timer {          // the head of a circular list
   public:
    Anchor() { next_ = previous_ = this; }
    ~Anchor() override { next_ = previous_ = nullptr; }

   private:
    friend class TimerWheel;
    void on_timer() override {}
  };
  std::int64_t tick_of(SteadyTime when) const;
  void collect(std::int64_t target);

  SteadyTime start_;
  std::int64_t current_ = 0;
  std::array<Anchor, kSlots> slots_;
  Anchor due_;  // taken from the slots and not called yet
};

}  // namespace nx::runtime
