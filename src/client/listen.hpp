#pragma once
// `nx-signal listen`: a client of the stream, written a second time and apart from the server, so that it is also a
// check of it. Blocks its caller; one thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "stream/byte_stream.hpp"

namespace nx::client {

using stream::CertificateCheck;
using stream::TlsTrust;

struct ListenOptions {
  std::string url;                    // ws:// or wss://
  std::string token;                  // a JWT
  std::vector<std::string> rooms;     // joined after `connected`
  std::optional<std::int64_t> since;  // catch-up from this seq (docs/protocol.md#catch-up)
  TlsTrust trust;
  std::chrono::milliseconds heartbeat{30'000};          // silence of 90 s is closed 4002
  std::chrono::milliseconds connect_timeout{10'000};    // address, TLS and upgrade together
  std::chrono::milliseconds handshake_timeout{20'000};  // the server gives itself 15 s (docs/protocol.md#handshake)
};

/// Connects, upgrades and, when there is a token, completes the handshake; then says goodbye. For `nx-signal check`.
/// The error says which step failed and what the server said.
Result<void> shake_hands(const ListenOptions& options);

/// Prints `connected` and every opened frame to `out`, one JSON line each, flushed. Returns 0 when `stop` was raised
/// (the connection is then closed 1000) or the server closed 1000; 2 for an unusable url or an empty token; 1 for
/// everything else, with one line on `err` that says what happened, with close code and reason.
int listen(const ListenOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace nx::client
