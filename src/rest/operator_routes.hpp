#pragma once
// /v1/socket/websocket/clients: who is connected, on all instances, and disconnecting them.

#include "rest/operator_route.hpp"

namespace nx::rest {

void add_operator_routes(Router& router, const OperatorRoutes& routes);

}  // namespace nx::rest
