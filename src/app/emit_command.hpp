#pragma once
// `nx-signal emit`: one direct push through Redis.

#include "app/command_line.hpp"
#include "config/configuration.hpp"

namespace nx::app {

/// The exit code: 0 Redis has taken it, 1 it has not, 2 bad usage; the reason is printed.
int run_emit(const config::Configuration& configuration, const EmitFlags& flags);

}  // namespace nx::app
