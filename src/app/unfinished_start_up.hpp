#pragma once
// A start-up may wait long for a database or a broker, in calls that can not be interrupted, and has promised nobody
// anything yet: told to stop, it just ends.

#include <thread>

#include "observe/log.hpp"

namespace nx::app {

class UnfinishedStartUp {
 public:
  /// While this lives, SIGTERM and SIGINT end the process at once, with exit code 0. The signals must be blocked
  /// already (Termination). `log` outlives it.
  explicit UnfinishedStartUp(const observe::Logger& log);

 private:
  std::jthread watch_;
};

}  // namespace nx::app
