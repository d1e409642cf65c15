#pragma once
// SIGTERM, SIGINT and SIGHUP as values: blocked in every thread, waited for by main alone.

#include <chrono>
#include <optional>
#include <thread>

#include "observe/log.hpp"

namespace nx::app {

class Termination {
 public:
  /// Blocks the signals; call before any thread is started, so that all inherit the mask. Ignores SIGPIPE. `log`
  /// outlives this; null: nothing is said.
  explicit Termination(const observe::Logger* log = nullptr);

  enum class Request { stop, reload };
  /// Blocks until one arrives. A second SIGTERM or SIGINT after the first ends the process at once (exit 1), after at
  /// most a fifth of a second for the last lines: an operator who insists.
  Request wait();
  /// The same for at most that long; none when nothing arrived.
  std::optional<Request> wait_for(std::chrono::milliseconds time);
  /// From now on the next SIGTERM or SIGINT ends the process at once (exit 1): the program ends by itself already. Not
  /// to be followed by wait().
  void end_at_next();
  /// The process ends by itself now, and is ended with exit code 1 when that takes longer: something waits for what may
  /// never come (a resolver, a reader). `log` lives until then; null: nothing is said.
  void end_within(std::chrono::milliseconds time, const observe::Logger* log);

 private:
  Request request_of(int signal);

  const observe::Logger* log_;
  std::jthread insisted_;
};

}  // namespace nx::app
