#pragma once
// Error answers of the gateway itself, in the shape of docs/rest.md#errors.

#include <string_view>

#include "transport/http_message.hpp"

namespace nx::gateway {

/// `{message, statusCode, requestId, details}`; a 503 also has Retry-After.
transport::HttpResponse plain_error(int status, std::string_view message, std::string_view path);

}  // namespace nx::gateway
