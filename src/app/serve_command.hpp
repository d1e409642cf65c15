#pragma once
// `nx-signal serve`: one production instance on Kafka and PostgreSQL (docs/operations.md).

#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace nx::app {

/// Runs until SIGTERM or SIGINT. Returns the exit code: 0 after an orderly end, 1 when a dependency was not usable at
/// boot or consuming ended for good, 2 for a setting that does not fit. Must be called before any thread is started.
int run_serve(const config::Loaded& loaded, const observe::Logger& log);

}  // namespace nx::app
