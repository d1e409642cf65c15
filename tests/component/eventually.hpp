#pragma once
// Waiting for what other threads and processes do.

#include <chrono>
#include <thread>

#include "patience.hpp"

namespace nx::testing {

/// True as soon as the condition holds; false after `within`, which is meant for a quiet machine, times the patience.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds{20}) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience * within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace nx::testing
