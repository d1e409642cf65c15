#pragma once
// A start-up may wait long for a database or a broker, in calls that cannot be interrupted, and it has accepted no
// client yet. On a stop request the process therefore ends at once.

#include <thread>

#include "observe/log.hpp"

namespace nx::app {

class UnfinishedStartUp {
 public:
  /// While this object lives, SIGTERM and SIGINT end the process at once, with exit code 0. The signals must already be
  /// blocked (Termination). `log` must outlive it.
  explicit UnfinishedStartUp(const observe::Logger& log);

 private:
  std::jthread watch_;
};

}  // namespace nx::app
