#pragma once
// What main() runs, a function for each command of `nx-signal` that has nothing else to say. Each returns the exit
// code: 0 done, 1 failed at work, 2 bad usage or a setting that is not understood; the reason is printed or logged.
// Each is called once, on the main thread.

#include "app/command_line.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace nx::app {

/// One production instance on Kafka and PostgreSQL (docs/operations.md), until SIGTERM or SIGINT. 1 also when consuming
/// ended for good. Must be called before any thread is started.
int run_serve(const config::Loaded& loaded, const observe::Logger& log);

/// Reaches every dependency as `serve` would (docs/operations.md#before-the-first-start), and prints for each `ok` or
/// `FAIL`, how long it took, what is wrong and what to do.
int run_check(const config::Configuration& configuration, const CheckFlags& flags, const observe::Logger& log);

enum class Counters { kept, repaired };
enum class Epoch { kept, renewed };
/// Creates or upgrades Signal's own tables and says what it did.
int run_migrate(const config::Configuration& configuration, Counters counters, Epoch epoch);

/// One direct push through Redis. 0: Redis has taken it.
int run_emit(const config::Configuration& configuration, const EmitFlags& flags);

// The commands that are clients.
int run_listen(const ListenFlags& flags);
int run_conform(const ConformFlags& flags);
int run_notify(const config::Configuration& configuration, const NotifyFlags& flags);

}  // namespace nx::app
