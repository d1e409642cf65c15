#pragma once
// Long work of a command: its progress is shown, and SIGINT, SIGTERM or SIGHUP ends it between two slices. A second
// SIGINT or SIGTERM ends the process at once, with exit code 1.

#include <csignal>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include "app/progress.hpp"
#include "app/termination.hpp"
#include "store/long_work.hpp"

namespace nx::app {

/// The exit code of a command that was stopped before its work was done.
inline constexpr int kStopped = 3;

/// The first SIGINT, SIGTERM or SIGHUP. The signals are blocked while this object lives, in the thread that makes it
/// and in threads that it starts. Afterwards the signals and SIGPIPE are as they were, except that SIGHUP is ignored if
/// one arrived: the command still has to say how to continue, and a shell and the kernel each send one SIGHUP when a
/// terminal ends.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  bool arrived() const { return stop_.stop_requested(); }

 private:
  sigset_t mask_before_{};
  struct sigaction pipe_before_ {};
  Termination termination_;
  std::stop_source stop_;
  std::jthread watch_;
};

/// Used by the main thread.
class StoppableWork {
 public:
  /// `what` and `unit`: see Progress. `after`: the position where earlier work ended, 0 for none.
  StoppableWork(std::string what, std::string unit, std::int64_t after = 0);

  /// For the call that does the work; borrows this object.
  store::LongWork slices();

  /// Whether a signal ended the work before it was done.
  bool stopped() const { return stopped_; }
  /// Whether a signal arrived at all, also in the last slice, after which there was nothing to end.
  bool stop_requested() const { return signal_.arrived(); }
  /// The work after this position is not done, unless the call that does the work has returned its result.
  std::int64_t position() const { return position_; }

 private:
  std::int64_t after_, position_;
  bool stopped_ = false;
  StopSignal signal_;
  Progress progress_;
};

}  // namespace nx::app
