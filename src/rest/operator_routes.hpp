#pragma once
// The routes of operators (docs/protocol.md#operators-who-is-connected).

#include <chrono>
#include <functional>
#include <string>

#include "replay/dead_letter_requests.hpp"
#include "rest/operator_route.hpp"

namespace nx::rest {

/// /v1/socket/websocket/clients: lists the connected clients of all instances and disconnects them.
void add_operator_routes(Router& router, const OperatorRoutes& routes);

/// The delivery history of one notification: GET /v1/notifications/{id}/explain and …/deliveries. `hint_max_age`:
/// SIGNAL_HINT_MAX_AGE_MS of this instance.
void add_delivery_routes(Router& router, const OperatorRoutes& routes, std::chrono::milliseconds hint_max_age);

/// /v1/operators/dead-letters: shows the dead letters and sends them again. `requests` is borrowed; null: there is no
/// DLQ topic.
void add_dead_letter_routes(Router& router, const OperatorRoutes& routes, replay::DeadLetterRequests* requests);

/// Sends a direct push as another service would. Any thread; must not block.
using PublishPush = std::function<void(std::string channel, std::string message)>;

/// GET /v1/operators/instances: every instance about itself. POST /v1/operators/test-push: a push to the caller.
void add_instance_routes(Router& router, const OperatorRoutes& routes, PublishPush publish);

}  // namespace nx::rest
