#pragma once
// The time and the bytes that one kind of work may use in one turn of a loop. The code that does the work asks lasts()
// before each piece, keeps each piece short, and leaves the rest to the next turn, so that other work is done in
// between. Used by one thread.

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "runtime/event_loop.hpp"

namespace nx::runtime {

class TurnBudget {
 public:
  struct Limits {
    std::chrono::microseconds time;
    std::size_t bytes;
  };
  explicit TurnBudget(const Limits& limits) : limits_(limits) {}

  void begin(SteadyTime now) {
    end_ = now + limits_.time;
    bytes_left_ = limits_.bytes;
  }
  void spend(std::size_t bytes) { bytes_left_ -= std::min(bytes_left_, bytes); }
  bool lasts() const { return bytes_left_ > 0 && std::chrono::steady_clock::now() < end_; }

 private:
  Limits limits_;
  SteadyTime end_;
  std::size_t bytes_left_ = 0;
};

}  // namespace nx::runtime
