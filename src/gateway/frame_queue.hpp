#pragma once
// The frames of one client on their way to its socket. Borrows an outbox from the pool of the shard while there is
// something to send, so an idle client has none. Home thread only.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/outbox.hpp"
#include "observe/counter.hpp"
#include "runtime/event_loop.hpp"
#include "transport/socket.hpp"

namespace nx::gateway {

class FrameQueue {
 public:
  /// Returns the buffer to which the caller appends whole frames. `now` becomes the time at which they were queued.
  std::string& begin_frame(OutboxPool& pool, runtime::SteadyTime now) {
    if (!outbox_) outbox_ = pool.take();
    return outbox_->begin_frame(now);
  }

  bool empty() const { return !outbox_ || outbox_->empty(); }
  std::size_t size() const { return outbox_ ? outbox_->size() : 0; }
  std::size_t held_bytes() const { return outbox_ ? outbox_->held_bytes() : 0; }
  /// The kernel's buffer is full: nothing is sent until the socket is writable.
  bool is_blocked() const { return blocked_; }
  // only when not empty()
  std::string_view unsent() const { return outbox_->unsent(); }
  runtime::SteadyTime oldest() const { return outbox_->oldest(); }

  /// Processes the outcome of a send(2) of unsent(): the number of bytes or -errno. Adds the bytes to `bytes_out`.
  /// Returns false when the connection is broken.
  bool sent(long result, observe::Counter& bytes_out);
  /// Writes until nothing is left or the kernel's buffer is full; otherwise like sent().
  bool write(transport::Socket& socket, observe::Counter& bytes_out);
  /// Returns the outbox when everything was sent.
  void give_back_if_sent(OutboxPool& pool) {
    if (outbox_ && outbox_->empty()) pool.give_back(std::move(outbox_));
  }
  /// True also while nothing is left in the outbox and it is not given back yet.
  bool has_outbox() const { return outbox_ != nullptr; }

  /// The peer does not read: more than `limit` bytes wait, the oldest for longer than `age`, or twice as many.
  bool is_backlog(std::size_t limit, std::chrono::milliseconds age, runtime::SteadyTime now) const {
    return blocked_ && (size() > 2 * limit || (size() > limit && now - oldest() > age));
  }
  /// Drops the frames that need not be sent (Outbox::cut()).
  void cut(std::size_t promised) {
    if (outbox_) outbox_->cut(promised);
  }
  void drop() { outbox_.reset(); }

 private:
  std::unique_ptr<Outbox> outbox_;
  bool blocked_ = false;
};

}  // namespace nx::gateway
