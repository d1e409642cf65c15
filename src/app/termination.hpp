#pragma once
// SIGTERM, SIGINT and SIGHUP as values: blocked in every thread; one thread at a time waits for them.

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include "observe/log.hpp"

namespace nx::app {

/// True under `nohup`: the command must then continue when its terminal is closed.
bool hang_up_is_ignored();

class Termination {
 public:
  /// Blocks the signals; call before any thread is started, so that all inherit the mask. Ignores SIGPIPE. `log` must
  /// outlive this object; null: nothing is logged.
  explicit Termination(const observe::Logger* log = nullptr);

  enum class Request { stop, reload };
  /// Blocks until one arrives. A second SIGTERM or SIGINT ends the process at once (exit code 1), because the operator
  /// insists; the last log lines get at most a fifth of a second.
  Request wait();
  /// The same with a time-out; nullopt when nothing arrived.
  std::optional<Request> wait_for(std::chrono::milliseconds time);
  /// From now on the next SIGTERM or SIGINT ends the process at once (exit code 1), because the program is already
  /// ending by itself. wait() must not follow.
  void end_at_next();
  /// The process now ends by itself. If that takes longer, it is ended with exit code 1, because something waits for an
  /// event that may never happen (the look-up of a host name, a reader of the output). `log` must live until then;
  /// null: nothing is logged. `waiting_for` says for the log what has not ended. It is called on a thread of its own,
  /// even while main() returns, so it must borrow nothing.
  void end_within(std::chrono::milliseconds time, const observe::Logger* log,
                  std::function<std::string_view()> waiting_for = {});

 private:
  Request request_of(int signal);

  const observe::Logger* log_;
  std::jthread insisted_;
};

}  // namespace nx::app
