#pragma once
// One item of SIGNAL_CORS_ORIGINS in the form that browsers send (RFC 6454 §6.2). Pure.

#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::config {

/// What has one meaning is normalised: letter case, a '/' at the end, the scheme's own port. `https://*.pos.example` is
/// every subdomain; `*` and `null` stay. The error says what is wrong with the rest.
Result<std::string> normal_origin(std::string_view text);

}  // namespace nx::config
