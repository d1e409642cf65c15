#pragma once
// Calls back on a loop at a moment that is set and set anew. Until then it costs no wake-up. Home thread only, or
// before run().

#include <functional>
#include <optional>

#include "runtime/event_loop.hpp"

namespace nx::runtime {

class Alarm final : public IoHandler {
 public:
  /// Throws std::system_error when the kernel has no descriptor for it. `loop` is borrowed.
  Alarm(EventLoop& loop, std::function<void()> ring);
  ~Alarm() override;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  /// Rings once, at `when` or soon after; at once when that has passed. None: not at all.
  void set(std::optional<SteadyTime> when);

  void on_ready(std::uint32_t ready) override;

 private:
  EventLoop& loop_;
  const std::function<void()> ring_;
  int timer_;
  std::optional<SteadyTime> when_;
};

}  // namespace nx::runtime
