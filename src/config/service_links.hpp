#pragma once
// Variables that orchestrators inject for a service called signal (Docker links, Kubernetes service variables). Some of
// them have the prefix of our settings.

#include <string_view>

namespace nx::config {

/// `X_PORT=tcp://10.0.0.1:3000` for a service x. For one called signal-http it has the name of a key of ours. A value
/// of another form was written by a user.
bool is_port_link(std::string_view name, std::string_view value);

bool is_service_link(std::string_view name, std::string_view value);

}  // namespace nx::config
