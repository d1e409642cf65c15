#include "runtime/timer_wheel.hpp"

namespace nx::runtime {

void Timer::unlink() {
  if (next_ == nullptr) return;
  next_->previous_ = previous_;
  previous_->next_ = next_;
  next_ = previous_ = nullptr;
}

void Timer::link_before(Timer& position) {
  next_ = &position;
  previous_ = position.previous_;
  previous_->next_ = this;
  position.previous_ = this;
}

TimerWheel::TimerWheel(SteadyTime start) : start_(start) {}

TimerWheel::~TimerWheel() {
  for (Anchor& slot : slots_) {
    while (slot.next_ != &slot) slot.next_->unlink();
  }
  while (due_.next_ != &due_) due_.next_->unlink();
}

std::int64_t TimerWheel::tick_of(SteadyTime when) const {
  return std::chrono::ceil<Ticks>(when - start_).count();
}

void TimerWheel::schedule(Timer& entry, SteadyTime when) {
  entry.unlink();
  entry.tick_ = std::max(tick_of(when), current_ + 1);
  entry.link_before(slots_[static_cast<std::size_t>(entry.tick_) % kSlots]);
}

void TimerWheel::collect(std::int64_t target) {
  const std::int64_t first = std::max(current_ + 1, target - static_cast<std::int64_t>(kSlots) + 1);
  for (std::int64_t tick = first; tick <= target; ++tick) {
    Anchor& slot = slots_[static_cast<std::size_t>(tick) % kSlots];
    for (Timer* entry = slot.next_; entry != &slot;) {
      Timer* const following = entry->next_;
      if (entry->tick_ <= target) {
        entry->unlink();
        entry->link_before(due_);
      }
      entry = following;
    }
  }
  current_ = target;
}

bool TimerWheel::advance(SteadyTime now, std::size_t most) {
  // Due entries are collected first, because a callback may schedule or destroy entries in any slot.
  const std::int64_t target = std::chrono::floor<Ticks>(now - start_).count();
  if (target > current_) collect(target);
  for (; most > 0 && due_.next_ != &due_; --most) {
    Timer& entry = *due_.next_;
    entry.unlink();
    entry.on_timer();
  }
  return due_.next_ != &due_;
}

}  // namespace nx::runtime
