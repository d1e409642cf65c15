#pragma once
// /health, /health/live: always 200. /health/accept, /health/ready: 200 or 503. The public port shows the status alone
// (docs/operations.md#probes).

#include <functional>

#include "rest/router.hpp"

namespace nx::rest {

struct HealthProbes {  // any thread, must not block
  std::function<bool()> accepting;
  std::function<bool()> ready;
  std::function<std::string()> details = {};  // details of /health/ready, a JSON object: only for the admin listener
};
void add_health_routes(Router& router, const HealthProbes& probes);

}  // namespace nx::rest
