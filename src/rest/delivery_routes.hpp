#pragma once
// What became of one notification, for operators: GET /v1/notifications/{id}/explain and …/deliveries
// (docs/protocol.md#operators-who-is-connected).

#include <chrono>

#include "rest/operator_route.hpp"

namespace nx::rest {

/// `hint_max_age`: SIGNAL_HINT_MAX_AGE_MS of this instance.
void add_delivery_routes(Router& router, const OperatorRoutes& routes, std::chrono::milliseconds hint_max_age);

}  // namespace nx::rest
