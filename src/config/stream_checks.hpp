#pragma once
// Checks the WebSocket's own settings: a path that a route uses, sizes that admit no client. Pure.

#include "config/checks.hpp"

namespace nx::config {

std::optional<Refusal> stream_path_check(const std::string& path);
std::optional<Refusal> queue_sizes_check(const gateway::GatewayOptions& gateway);

}  // namespace nx::config
