#pragma once
// What ByteStream does with a socket before and between bytes. Used by one thread.

#include <atomic>
#include <span>
#include <string>
#include <unistd.h>
#include <utility>

#include "stream/byte_stream.hpp"
#include "stream/socket_address.hpp"

namespace nx::stream {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string reason_of(int error);  // of an errno

enum class Waited { ready, late, stopped };

/// Until `fd` is ready for `interest` (POLLIN, POLLOUT). `stop` may be null.
Waited wait_for(int fd, short interest, Deadline deadline, const std::atomic<bool>* stop);

/// One after the other until one takes the connection, each for its share of the time that is left; non-blocking,
/// TCP_NODELAY. The error is the last one's.
Result<Descriptor> connect_any(std::span<const SocketAddress> addresses, Deadline deadline,
                               const std::atomic<bool>* stop);

/// Any address of the host.
Result<Descriptor> dial(const Endpoint& endpoint, Deadline deadline, const std::atomic<bool>* stop);

}  // namespace nx::stream
