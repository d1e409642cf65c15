#include "app/admin_listener.hpp"

#include <utility>

namespace nx::app {

using namespace std::chrono_literals;

gateway::GatewayOptions admin_options(const config::ListenAddress& address,
                                      std::shared_ptr<gateway::Admission> admission) {
  gateway::GatewayOptions options;
  options.admission = std::move(admission);
  options.host = address.host;
  options.port = address.port;
  options.ws_path.clear();
  options.cors_origins.clear();
  options.serves_over_limits = true;
  options.workers = 1;
  options.drain = 0ms;
  options.shutdown_grace = 0ms;
  return options;
}

}  // namespace nx::app
