#pragma once
// The token of `Authorization: Bearer <token>`.

#include <functional>
#include <optional>
#include <string>

#include "auth/authenticator.hpp"
#include "runtime/event_loop.hpp"
#include "transport/http_message.hpp"

namespace nx::rest {

/// Authenticator::authenticate: called on `home`, answers once, there. An empty token is one that is missing.
using Authenticate = std::function<void(std::string token, const std::string& peer, runtime::EventLoop& home,
                                        std::function<void(auth::AuthResult)>)>;

/// The scheme is case-sensitive and one space separates.
std::optional<std::string> bearer_token(const transport::HttpRequest& request);

}  // namespace nx::rest
