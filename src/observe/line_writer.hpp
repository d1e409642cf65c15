#pragma once
// Writes lines to a descriptor on its own thread, because its reader may be slow or may have ended, and no caller
// may wait for it.

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
    int fd;  // borrowed for the life of the process, because a thread that waits for its reader cannot be ended
    std::size_t max_bytes = 1U << 20U;
    std::chrono::milliseconds last_lines{1'000};  // how long the destructor waits for queued lines
    /// Makes the line that reports how many lines were dropped; it is written when there is room again. Called by the
    /// writing thread.
    std::function<std::string(std::uint64_t)> dropped_line{};
  };

  explicit LineWriter(Options options);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  /// Any thread; does not wait. `line` ends in a line feed; it is dropped when the queue is full.
  void add(std::string line);

  /// Waits until all lines added so far are written; false when that took longer.
  bool flush(std::chrono::milliseconds within);

  /// Lines that were dropped or that the descriptor refused.
  std::uint64_t dropped() const;

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;  // shared with the thread, which may outlive this object
};

}  // namespace nx::observe
