#pragma once
// `nx-signal conform`: checks a server against each fact of the protocol and prints the results as TAP 14. Blocks;
// facts that only wait run on threads of their own. Shares no code with the server's side of the handshake.

#include <atomic>
#include <ostream>
#include <string>

#include "client/conform/tokens.hpp"
#include "stream/byte_stream.hpp"

namespace nx::client::conform {

struct ConformOptions {
  std::string url;  // ws:// or wss://
  TokenOptions tokens;
  stream::TlsTrust trust;
  std::chrono::seconds answer_within{10};
  std::chrono::seconds auth_timeout{5};
  std::chrono::seconds heartbeat_timeout{0};  // 0: facts that take a minute are left out
  bool rest = false;                          // also the facts of /v1/notifications
};

/// Returns 0 when every fact that could be checked holds; 1 when one does not, or after an interrupt; 2 for wrong
/// usage, with one line on `err`.
int conform(const ConformOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace nx::client::conform
