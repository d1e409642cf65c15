#pragma once
// The last log line of a process that an exception ends: a defect, or lack of memory, on any thread.

#include "observe/log.hpp"

namespace nx::app {

/// From now on an uncaught exception is logged with its reason and its thread's name before the process aborts. `log`
/// must outlive every thread that may throw.
void log_unhandled_exceptions(const observe::Logger& log);

}  // namespace nx::app
