#pragma once
// A forked process of a benchmark: what must not use the time or memory of the program that is measured.

#include <array>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <poll.h>
#include <unistd.h>

#include <sys/types.h>
#include <sys/wait.h>

#include "die.hpp"

namespace nx::bench {

/// Runs in a process of its own, with a pipe in each direction, and ends when it returns. Fork before other threads
/// run.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<void(int in, int out)>& run) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) die("pipe");
    pid_ = ::fork();
    if (pid_ < 0) die("fork");
    if (pid_ == 0) {
      ::close(to[1]);
      ::close(from[0]);
      run(to[0], from[1]);
      std::_Exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = to[1];
    out_ = from[0];
  }
  ~ChildProcess() {
    ::close(in_);
    ::waitpid(pid_, nullptr, 0);
    ::close(out_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  template <class Value>
  void tell(const Value& value) const {
    if (::write(in_, &value, sizeof value) != sizeof value) die("write");
  }
  template <class Value>
  Value receive() const {
    Value value{};
    if (::read(out_, &value, sizeof value) != sizeof value) die("a child process of the benchmark has ended");
    return value;
  }
  bool has_said(std::chrono::milliseconds patience) const {
    pollfd poll{out_, POLLIN, 0};
    return ::poll(&poll, 1, static_cast<int>(patience.count())) == 1;
  }

 private:
  pid_t pid_ = 0;
  int in_ = -1, out_ = -1;
};

}  // namespace nx::bench
