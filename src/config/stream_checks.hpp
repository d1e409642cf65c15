#pragma once
// What the WebSocket's own settings must not be: a path that is taken, sizes that let nobody in. Pure.

#include "config/checks.hpp"

namespace nx::config {

std::optional<Refusal> stream_path_check(const std::string& path);
std::optional<Refusal> queue_sizes_check(const gateway::GatewayOptions& gateway);

}  // namespace nx::config
