#include "gateway/frame_queue.hpp"

#include <cerrno>
#include <cstdint>

namespace nx::gateway {

bool FrameQueue::sent(long result, observe::Counter& bytes_out) {
  if (result < 0) {
    blocked_ = result == -EAGAIN || result == -EINTR;
    return blocked_;
  }
  bytes_out.add(static_cast<std::uint64_t>(result));
  outbox_->consume(static_cast<std::size_t>(result));
  blocked_ = !outbox_->empty();
  return true;
}

bool FrameQueue::write(transport::Socket& socket, observe::Counter& bytes_out) {
  blocked_ = false;
  while (!empty()) {
    const transport::IoResult result = socket.write(outbox_->unsent());
    blocked_ = result.status == transport::IoStatus::would_block;
    if (result.status != transport::IoStatus::done) return blocked_;
    bytes_out.add(result.bytes);
    outbox_->consume(result.bytes);
  }
  return true;
}

}  // namespace nx::gateway
