#pragma once
// Connects the module `operators` with the gateway and the bus of this instance.

#include <functional>
#include <string>

#include "app/revocation_feed.hpp"
#include "bus/bus.hpp"
#include "contract/instance_record.hpp"
#include "gateway/gateway.hpp"
#include "operators/operators.hpp"

namespace nx::app {

/// Borrowed, except `describe`.
struct OperatorParts {
  gateway::Gateway& gateway;
  RevocationFeed& feed;
  std::function<contract::InstanceRecord()> describe;  // called on the operators' thread; must not block
  bus::Bus* bus;                                       // null: no bus is configured
};

operators::OperatorCallbacks operator_callbacks(const std::string& instance, const OperatorParts& parts);

}  // namespace nx::app
