#pragma once
// Where a request goes: the four forms of a request target (RFC 9112 §3.2).

#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

/// Fills in target, path and query. The authority of an absolute form takes the place of Host, as it must. False for
/// what is none of the forms, or not for this method: a path without its slash, an authority with userinfo.
bool set_target(HttpRequest& request, std::string_view target);

}  // namespace nx::transport
