#pragma once
// Frames of one client that the kernel has not taken yet. Borrowed from the pool of the shard while there is something
// to send: an idle client has no outbox. Stores where frames begin, so that the queue can be cut between two frames,
// and how old the oldest frame is. Home thread only.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event_loop.hpp"

namespace nx::gateway {

class Outbox {
 public:
  /// Returns the buffer to which the caller appends whole frames. `now` becomes the time at which they were queued.
  std::string& begin_frame(runtime::SteadyTime now);

  std::string_view unsent() const { return std::string_view(bytes_).substr(sent_); }
  std::size_t size() const { return bytes_.size() - sent_; }
  /// Includes bytes at the front that were sent but not removed yet.
  std::size_t held_bytes() const { return bytes_.size(); }
  bool empty() const { return sent_ == bytes_.size(); }

  /// The kernel has taken `bytes` bytes.
  void consume(std::size_t bytes);

  /// When the oldest frame that is not completely sent was queued, to 100 ms. Only when not empty().
  runtime::SteadyTime oldest() const { return marks_.front().queued; }

  /// Drops every frame of which no byte was sent and no byte is among the `promised` ones, which must still be sent
  /// (Socket::promised()).
  void cut(std::size_t promised);

  void clear();
  std::size_t capacity() const { return bytes_.capacity(); }

 private:
  struct Mark {
    std::size_t offset;
    runtime::SteadyTime queued;
  };
  void advance_frame();

  std::string bytes_;
  std::size_t sent_ = 0;
  std::size_t frame_ = 0;  // offset at which the frame with position `sent_` begins
  std::vector<Mark> marks_;
};

/// Keeps a few used buffers and returns the others to the allocator. Home thread only.
class OutboxPool {
 public:
  std::unique_ptr<Outbox> take();
  void give_back(std::unique_ptr<Outbox> outbox);

 private:
  static constexpr std::size_t kMaxKept = 512;                  // enough for two flushes
  static constexpr std::size_t kMaxKeptCapacity = 32U * 1024U;  // a larger buffer had a backlog and is freed
  std::vector<std::unique_ptr<Outbox>> kept_;
};

}  // namespace nx::gateway
