#pragma once
// A function for each command of `nx-signal` that needs no header of its own. Each returns the exit code: 0 done, 1
// failed, 2 bad usage or an invalid setting, 3 stopped before the end; the reason is printed or logged. Each is called
// once, on the main thread.

#include "app/command_line.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace nx::app {

/// Runs one production instance on Kafka and PostgreSQL (docs/operations.md) until SIGTERM or SIGINT. The exit code is
/// also 1 when consuming ended permanently. Must be called before any thread is started.
int run_serve(const config::Loaded& loaded, const observe::Logger& log);

/// Connects to every dependency as `serve` would (docs/operations.md#before-the-first-start), and prints for each `ok`
/// or `FAIL`, the duration, the fault and what to do. SIGTERM or SIGINT stops a deep check between two slices.
int run_check(const config::Configuration& configuration, const CheckFlags& flags, const observe::Logger& log);

/// Asks the instance of this configuration, on this machine, for a probe of docs/operations.md#probes. 0: it answers
/// 200.
int run_health(const config::Configuration& configuration, const std::string& probe);
/// The address of that probe: the admin listener, or the public one if there is no admin listener.
std::string health_url(const config::Configuration& configuration, const std::string& probe);

/// Creates or upgrades Signal's own tables and prints what was done. SIGTERM or SIGINT stops it between two slices.
int run_migrate(const config::Configuration& configuration, const MigrateFlags& flags);

/// Sends dead letters, or records of the notification topic, again (docs/operations.md#sending-messages-again). SIGTERM
/// or SIGINT stops it between two slices.
int run_replay(const config::Configuration& configuration, const ReplayFlags& flags);

/// Publishes one direct push through Redis. 0: Redis has accepted it.
int run_emit(const config::Configuration& configuration, const EmitFlags& flags);

// The client commands.
int run_listen(const ListenFlags& flags);
int run_conform(const ConformFlags& flags);
int run_notify(const config::Configuration& configuration, const NotifyFlags& flags);

}  // namespace nx::app
