#pragma once
// Protects a development server from web sites that the developer visits (docs/security.md#nx-signal-dev): accepts only
// loopback names in Host (against DNS rebinding), only its own origin, and for requests with side effects only those
// with a header that a cross-site form cannot send.

#include <optional>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::dev {

/// localhost, 127.0.0.1 or [::1], with or without a port.
bool is_loopback_host(std::string_view host);

/// No Origin (native clients), or exactly the scheme and host of the request.
bool is_same_origin(const transport::HttpRequest& request);

/// Has the header `x-signal-dev: 1`.
bool has_side_effect_header(const transport::HttpRequest& request);

/// 403 with a JSON body that says what to send, for a foreign Host; nullopt for one of loopback.
std::optional<transport::HttpResponse> refuse_foreign_host(const transport::HttpRequest& request);

/// 403 with a JSON body that says what to send, for a foreign Host or Origin; nullopt for a permitted request.
std::optional<transport::HttpResponse> refuse_foreign(const transport::HttpRequest& request);

/// The rule about the `Origin` of requests under `/v1`: that of this guard, or SIGNAL_CORS_ORIGINS, which the gateway
/// applies.
enum class ApiOrigins { own, configured };

/// Applies refuse_foreign() to every request; with `configured` only the check of Host to those under `/v1`, which need
/// a token.
transport::HttpHandler guard_loopback(transport::HttpHandler inner, ApiOrigins api = ApiOrigins::own);

/// {message, statusCode, details}: the shape of docs/rest.md#errors, without a request id.
transport::HttpResponse refusal(int status, std::string_view message);

}  // namespace nx::dev
