#pragma once
// What keeps a development server from being driven by a web site that the developer happens to visit
// (docs/security.md#nx-signal-dev): only loopback names in Host (against DNS rebinding), only its own origin, and a
// header that a cross-site form can not send where something happens.

#include <optional>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::dev {

/// localhost, 127.0.0.1 or [::1], with or without a port.
bool is_loopback_host(std::string_view host);

/// No Origin (native clients), or exactly the scheme and host that the request was sent to.
bool is_same_origin(const transport::HttpRequest& request);

/// Has the header `x-signal-dev: 1`.
bool has_side_effect_header(const transport::HttpRequest& request);

/// 403 with a JSON body that says what to send, for a foreign Host or Origin; empty for a request that may pass.
std::optional<transport::HttpResponse> refuse_foreign(const transport::HttpRequest& request);

/// Wraps the whole HTTP side in refuse_foreign().
transport::HttpHandler guard_loopback(transport::HttpHandler inner);

/// {message, statusCode, details}: the shape of docs/rest.md#errors, without a request id.
transport::HttpResponse refusal(int status, std::string_view message);

}  // namespace nx::dev
