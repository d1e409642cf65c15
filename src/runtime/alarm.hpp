#pragma once
// Calls a function on a loop at a given time, which can be changed. Needs no wake-up before that time. Home thread
// only, or any thread before run().

#include <functional>
#include <optional>

#include "runtime/event_loop.hpp"

namespace nx::runtime {

class Alarm final : public IoHandler {
 public:
  /// Throws std::system_error when the kernel refuses the timer descriptor. `loop` is borrowed.
  Alarm(EventLoop& loop, std::function<void()> ring);
  ~Alarm() override;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Calls once at `when` or shortly after, or at once when that time has passed. std::nullopt: no call.
  void set(std::optional<SteadyTime> when);

  void on_ready(std::uint32_t ready) override;

 private:
  EventLoop& loop_;
  const std::function<void()> ring_;
  int timer_;
  std::optional<SteadyTime> when_;
};

}  // namespace nx::runtime
