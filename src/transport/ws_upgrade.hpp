#pragma once
// The opening handshake of RFC 6455 §4.2. No subprotocol and no extension is ever agreed to.

#include <string>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

struct WsUpgrade {
  enum class Kind {
    none,         // a plain request
    accepted,     // `accept` is the value of Sec-WebSocket-Accept
    refused,      // asks for a WebSocket in a wrong way: `status` (400 or 426) and why
    other_method  // asks for a WebSocket with anything but GET
  };
  Kind kind = Kind::none;
  std::string accept;
  int status = 0;
  std::string_view reason;  // static text
};

WsUpgrade check_upgrade(const HttpRequest& request);

/// The 101 response; frames follow directly.
void append_switching_protocols(std::string& out, std::string_view accept);

/// Status 426 with what RFC 9110 §15.5.22 and RFC 6455 §4.4 ask for: Upgrade, Sec-WebSocket-Version: 13. The body is
/// the caller's.
HttpResponse upgrade_required();

}  // namespace nx::transport
