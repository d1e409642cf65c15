#pragma once
// /health, /health/live: 200 always. /health/accept, /health/ready: 200 or 503. Status alone on the public port
// (docs/operations.md#probes).

#include <functional>

#include "rest/router.hpp"

namespace nx::rest {

struct HealthProbes {  // any thread, must not block
  std::function<bool()> accepting;
  std::function<bool()> ready;
  std::function<std::string()> details = {};  // of /health/ready, a JSON object: for the admin listener alone
};
void add_health_routes(Router& router, const HealthProbes& probes);

}  // namespace nx::rest
