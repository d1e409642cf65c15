#pragma once
// The listener for metrics and detailed readiness: a second, small gateway.

#include <memory>

#include "config/listen_address.hpp"
#include "gateway/gateway.hpp"

namespace nx::app {

/// HTTP only, one thread, no TLS. Its sockets count towards the limits of the process.
gateway::GatewayOptions admin_options(const config::ListenAddress& address,
                                      std::shared_ptr<gateway::Admission> admission);

}  // namespace nx::app
