#pragma once
// Frames of one client that the kernel has not taken yet. Borrowed from the shard's pool while there is something to
// send: an idle client has none. Knows where frames begin, so that a queue can be cut between two of them, and how old
// the oldest is. Home thread only.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event_loop.hpp"

namespace nx::gateway {

class Outbox {
 public:
  /// The buffer to append whole frames to; `now` is their age.
  std::string& begin_frame(runtime::SteadyTime now);

  std::string_view unsent() const { return std::string_view(bytes_).substr(sent_); }
  std::size_t size() const { return bytes_.size() - sent_; }
  /// With what was sent of the front and is not cut off yet.
  std::size_t held_bytes() const { return bytes_.size(); }
  bool empty() const { return sent_ == bytes_.size(); }

  /// The kernel took that many bytes.
  void consume(std::size_t bytes);

  /// When the oldest frame that is not sent whole was queued, to 100 ms. Only when not empty().
  runtime::SteadyTime oldest() const { return marks_.front().queued; }

  /// Drops every frame of which no byte was sent, nor is among the `promised` bytes that must still be sent
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
  std::size_t frame_ = 0;  // where the frame begins that `sent_` is in
  std::vector<Mark> marks_;
};

/// Keeps some warm buffers, gives the rest back to the allocator. Home thread only.
class OutboxPool {
 public:
  std::unique_ptr<Outbox> take();
  void give_back(std::unique_ptr<Outbox> outbox);

 private:
  static constexpr std::size_t kMaxKept = 512;                  // two flushes' worth
  static constexpr std::size_t kMaxKeptCapacity = 32U * 1024U;  // a larger one had a backlog
  std::vector<std::unique_ptr<Outbox>> kept_;
};

}  // namespace nx::gateway
