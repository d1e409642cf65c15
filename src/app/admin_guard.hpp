#pragma once
// Protects the admin listener from web pages: it answers only requests for its own names, so that a name which an
// attacker points at this address (DNS rebinding) lets a page read nothing.

#include "transport/host_names.hpp"
#include "transport/http_message.hpp"

namespace nx::app {

/// Responds with 403 to a request whose Host is not one of `own`.
transport::HttpHandler guard_host(transport::HostNames own, transport::HttpHandler inner);

}  // namespace nx::app
