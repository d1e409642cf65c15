#pragma once
// `nx-signal conform`: asks a server for each fact of the protocol and prints what it found as TAP 14. Blocks; its own
// threads for what only waits. Shares nothing with the server's side of the handshake.

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
  std::chrono::seconds heartbeat_timeout{0};  // 0: the facts that take a minute are left out
  bool rest = false;                          // also the facts of /v1/notifications
};

/// 0: every fact that could be asked holds; 1: one does not, or the run was interrupted; 2: bad usage, with one line on
/// `err`.
int conform(const ConformOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace nx::client::conform
