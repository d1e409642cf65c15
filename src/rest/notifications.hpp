#pragma once
// GET /v1/notifications and what belongs to it (contract §7): list, by id, unread-count, PATCH, POST read. Also the health routes.

#include <functional>

#include "auth/authenticator.hpp"
#include "fanout/fan_out.hpp"
#include "observe/log.hpp"
#include "rest/router.hpp"
#include "store/repositories.hpp"

namespace nx::rest {

/// All references are borrowed for the router's life. `fan_out` tells the user's other sessions what was read.
struct NotificationRoutes {
  auth::Authenticator& authenticator;
  store::ReaderPool& readers;
  fanout::FanOut& fan_out;
  const observe::Logger& log;
};
void add_notification_routes(Router& router, NotificationRoutes routes);

/// /health, /health/live: 200 always. /health/accept, /health/ready: 200 or 503 by the given functions (any thread, must not block).
struct HealthProbes {
  std::function<bool()> accepting;
  std::function<bool()> ready;
};
void add_health_routes(Router& router, HealthProbes probes);

}  // namespace nx::rest
