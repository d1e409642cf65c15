#pragma once
// Two sockets that are connected, and what is read from one.

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <system_error>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "certificate.hpp"
#include "transport/socket.hpp"

namespace nx::transport {

struct Pair {
  Pair() {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
    ours = Socket(fds[0]);
    theirs = Socket(fds[1]);
    ::fcntl(fds[0], F_SETFL, O_NONBLOCK);
  }
  Socket ours, theirs;
};

// Waits for what the socket says it waits for.
inline void await(const Socket& socket, std::uint32_t interest) {
  pollfd one{socket.fd(), static_cast<short>(interest), 0};
  ASSERT_EQ(::poll(&one, 1, 100'000), 1);
}

inline std::string read_some(Socket& socket, IoStatus& last) {
  std::array<char, 4'096> buffer{};
  std::string all;
  for (;;) {
    const IoResult result = socket.read(buffer);
    last = result.status;
    if (result.status != IoStatus::done) return all;
    all.append(buffer.data(), result.bytes);
  }
}

}  // namespace nx::transport
