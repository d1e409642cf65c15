#pragma once
// Lines to a descriptor by a thread of its own: whoever reads there may be slow or gone, and nobody who adds a line
// waits for it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace nx::observe {

class LineWriter {
 public:
  struct Options {
    int fd;  // borrowed for ever: a thread that waits for its reader can not be ended
    std::size_t max_bytes = 1U << 20U;
    std::chrono::milliseconds last_lines{1'000};  // so long does the end wait for what is queued
    /// The line that says how many were dropped, written when there is room again. Called by the writing thread.
    std::function<std::string(std::uint64_t)> dropped_line{};
  };

  explicit LineWriter(Options options);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  /// Any thread, waits for nobody. `line` ends in a line feed; it is dropped when what waits is too much.
  void add(std::string line);

  /// Waits until all that was added is written; false when that took longer.
  bool flush(std::chrono::milliseconds within);

  /// Lines that were dropped, or that the descriptor refused.
  std::uint64_t dropped() const;

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;  // shared with the thread, which may outlive this
};

}  // namespace nx::observe
