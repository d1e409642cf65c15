#pragma once
// The token of `Authorization: Bearer <token>`.

#include <functional>
#include <optional>
#include <string>

#include "auth/authenticator.hpp"
#include "runtime/event_loop.hpp"
#include "transport/http_message.hpp"

namespace nx::rest {

/// Authenticator::authenticate: called on `home` and calls back once, on `home`. An empty token means a missing one.
using Authenticate = std::function<void(std::string token, const std::string& peer, runtime::EventLoop& home,
                                        std::function<void(auth::AuthResult)>)>;

/// The scheme is case-sensitive and followed by one space.
std::optional<std::string> bearer_token(const transport::HttpRequest& request);

}  // namespace nx::rest
