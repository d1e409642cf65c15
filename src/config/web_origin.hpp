#pragma once
// One item of SIGNAL_CORS_ORIGINS in the form that browsers send (RFC 6454 §6.2). Pure.

#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::config {

/// Normalises variants with the same meaning: letter case, a '/' at the end, the scheme's default port.
/// `https://*.pos.example` means every subdomain; `*` and `null` stay. Any other text is an error that says what is
/// wrong.
Result<std::string> normal_origin(std::string_view text);

}  // namespace nx::config
