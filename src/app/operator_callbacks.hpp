#pragma once
// Connects the module `operators` with the gateway and the bus of this instance.

#include <memory>

#include "app/revocation_feed.hpp"
#include "bus/bus.hpp"
#include "gateway/gateway.hpp"
#include "operators/operators.hpp"

namespace nx::app {

/// All are borrowed. `bus` is null if no bus is configured.
operators::OperatorCallbacks operator_callbacks(const std::string& instance, gateway::Gateway& gateway,
                                                RevocationFeed& feed, bus::Bus* bus);

}  // namespace nx::app
