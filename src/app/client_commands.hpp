#pragma once
// `nx-signal listen`, `conform` and `notify`: the commands that are clients.

#include "app/command_line.hpp"
#include "config/configuration.hpp"

namespace nx::app {

/// All return the exit code: 0 done, 1 failed at work, 2 bad usage.
int run_listen(const ListenFlags& flags);
int run_conform(const ConformFlags& flags);
int run_notify(const config::Configuration& configuration, const NotifyFlags& flags);

}  // namespace nx::app
