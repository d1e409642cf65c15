#pragma once
// When work of several answers must end, however long each of them may take.

#include <algorithm>
#include <atomic>
#include <chrono>

namespace nx::kafka {

struct Deadline {
  using Clock = std::chrono::steady_clock;

  Clock::time_point at = Clock::time_point::max();
  const std::atomic<bool>* stopping = nullptr;  // borrowed; true ends the work earlier

  /// The time for the next answer, which may take `most`; zero from the deadline on.
  std::chrono::milliseconds left(std::chrono::milliseconds most) const {
    if (stopping != nullptr && stopping->load(std::memory_order_relaxed)) return {};
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at - Clock::now());
    return std::clamp(rest, std::chrono::milliseconds{0}, most);
  }
  bool passed() const { return left(std::chrono::milliseconds{1}) == std::chrono::milliseconds{0}; }
};

}  // namespace nx::kafka
