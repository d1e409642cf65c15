#pragma once
// What keeps web pages away from the admin listener: it answers its own names alone, so that a name which an attacker
// points at this address (DNS rebinding) reads nothing.

#include "transport/host_names.hpp"
#include "transport/http_message.hpp"

namespace nx::app {

/// 403 for a request whose Host is not one of `own`.
transport::HttpHandler guard_host(transport::HostNames own, transport::HttpHandler inner);

}  // namespace nx::app
