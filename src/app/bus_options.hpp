#pragma once
// Converts SIGNAL_REDIS_* and SIGNAL_BUS_* into the options of the bus.

#include <memory>
#include <string>

#include "bus/bus.hpp"
#include "config/configuration.hpp"
#include "session/bus_subscriptions.hpp"

namespace nx::app {

/// SIGNAL_REDIS_URL must be set. The error names the setting (kind invalid).
Result<bus::BusOptions> bus_options(const config::Configuration& configuration, std::string server_id);

/// Exact mode: subscribes the bus to the channels of the clients that connect and disconnect. `bus` is borrowed and
/// read when a client connects.
session::BusSubscriptions bus_subscriptions(const std::unique_ptr<bus::Bus>& bus);

}  // namespace nx::app
