#pragma once
// `nx-signal check`: reaches every dependency as `serve` would, and prints a line for each
// (docs/operations.md#before-the-first-start).

#include "app/command_line.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace nx::app {

/// Prints `ok` or `FAIL`, the dependency, how long it took, what is wrong and what to do. Exit code: 0, 1 when one
/// failed, 2 for a setting of no known form.
int run_check(const config::Configuration& configuration, const CheckFlags& flags, const observe::Logger& log);

}  // namespace nx::app
