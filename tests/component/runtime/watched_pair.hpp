#pragma once
// Descriptors for a loop to watch, and a handler that counts.

#include <cerrno>
#include <functional>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "runtime/event_loop.hpp"

namespace nx::runtime {

class Pair {
 public:
  Pair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds_) != 0)
      throw std::system_error(errno, std::generic_category());
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    for (const int fd : fds_) ::close(fd);
  }
  int ours() const { return fds_[0]; }
  void poke() const { ASSERT_EQ(::write(fds_[1], "x", 1), 1); }

 private:
  int fds_[2]{};
};

struct Handler final : IoHandler {
  std::function<void(std::uint32_t)> call;
  int calls = 0;
  void on_ready(std::uint32_t ready) override {
    ++calls;
    if (call) call(ready);
  }
};

inline void take_byte(int fd) {
  char byte = 0;
  EXPECT_EQ(::read(fd, &byte, 1), 1);
}

}  // namespace nx::runtime
