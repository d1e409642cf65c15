#pragma once
// `nx-signal dev`: broker, database, identity and gateway embedded in one process on loopback (docs/dev.md).

#include "app/sqlite_location.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace nx::app {

struct DevFlags {
  Keep keep = Keep::no;
  bool unsafe = false;  // --unsafe-dev: SIGNAL_REDIS_URL may be set
};

/// Runs until SIGTERM or SIGINT. Returns the exit code: 0 after an orderly end, 1 when something could not be started,
/// 2 for a setting that does not fit `dev`. Must be called before any thread is started.
int run_dev(const config::Loaded& loaded, const DevFlags& flags, const observe::Logger& log);

}  // namespace nx::app
