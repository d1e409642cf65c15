#pragma once
// What the operators' room asks of the gateway and the bus of this instance.

#include <memory>

#include "app/revocation_feed.hpp"
#include "bus/bus.hpp"
#include "gateway/gateway.hpp"
#include "operators/operators.hpp"

namespace nx::app {

/// All are borrowed. `bus` is null where there is none.
operators::OperatorCallbacks operator_callbacks(const std::string& instance, gateway::Gateway& gateway,
                                                RevocationFeed& feed, bus::Bus* bus);

/// The channels of the bus that carry it.
std::vector<std::string> operator_channels(const std::string& instance);

/// A message from the bus. False: it is no operators' message.
bool take_operator_message(operators::Operators& operators, std::string_view channel, std::string_view message);

}  // namespace nx::app
