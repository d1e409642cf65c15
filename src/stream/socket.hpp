#pragma once
// Connecting, and waiting for readiness. Used by one thread.

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
  int release() { return std::exchange(fd_, -1); }  // the caller closes it

 private:
  int fd_;
};

std::string reason_of(int error);  // text of an errno

inline constexpr std::chrono::milliseconds kStopCheck{100};  // how late a raised stop flag may be noticed

enum class Waited { ready, late, stopped };

/// Waits until `fd` is ready for `interest` (POLLIN, POLLOUT). `stop` may be null.
Waited wait_for(int fd, short interest, Deadline deadline, const std::atomic<bool>* stop);

/// Tries the addresses one after the other, each for its share of the remaining time, until one accepts the connection.
/// The socket is non-blocking and has TCP_NODELAY. The error is that of the last address.
Result<Descriptor> connect_any(std::span<const SocketAddress> addresses, Deadline deadline,
                               const std::atomic<bool>* stop);

/// Connects to any address of the host.
Result<Descriptor> dial(const Endpoint& endpoint, Deadline deadline, const std::atomic<bool>* stop);

}  // namespace nx::stream
