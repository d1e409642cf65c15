#pragma once
// The four forms of a request target (RFC 9112 §3.2).

#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

/// Sets target, path and query. The authority of an absolute form replaces Host, as RFC 9112 requires. Returns false
/// when the target has none of the forms or not one allowed for the method, when the path does not begin with a slash,
/// or when the authority has userinfo.
bool set_target(HttpRequest& request, std::string_view target);

}  // namespace nx::transport
