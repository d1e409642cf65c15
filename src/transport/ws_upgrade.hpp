#pragma once
// The opening handshake of RFC 6455 §4.2. Subprotocols and extensions are never accepted.

#include <string>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

struct WsUpgrade {
  enum class Kind {
    none,         // not an upgrade request
    accepted,     // `accept` is the value of Sec-WebSocket-Accept
    refused,      // an invalid WebSocket handshake: `status` (400 or 426) and `reason` say why
    other_method  // a WebSocket handshake with a method other than GET
  };
  Kind kind = Kind::none;
  std::string accept;
  int status = 0;
  std::string_view reason;  // static text
};

WsUpgrade check_upgrade(const HttpRequest& request);

/// Appends the 101 response. Frames follow directly.
void append_switching_protocols(std::string& out, std::string_view accept);

/// Status 426 with the headers that RFC 9110 §15.5.22 and RFC 6455 §4.4 require: Upgrade, Sec-WebSocket-Version: 13.
/// The caller sets the body.
HttpResponse upgrade_required();

}  // namespace nx::transport
