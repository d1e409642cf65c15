#pragma once
// `nx-signal migrate`: creates or upgrades Signal's own tables and says what it did.

#include "config/configuration.hpp"

namespace nx::app {

/// Exit code: 0 done, 1 the database could not be reached or changed, 2 a URL that is not understood.
enum class Counters { kept, repaired };
enum class Epoch { kept, renewed };
int run_migrate(const config::Configuration& configuration, Counters counters, Epoch epoch);

}  // namespace nx::app
