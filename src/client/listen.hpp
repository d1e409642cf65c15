#pragma once
// `nx-signal listen`: a client of the stream. It is implemented independently of the server, so that it also checks the
// server. Blocks its caller; one thread.

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
  std::chrono::milliseconds heartbeat{30'000};          // the server closes with 4002 after 90 s of silence
  std::chrono::milliseconds connect_timeout{10'000};    // address, TLS and upgrade together
  std::chrono::milliseconds handshake_timeout{20'000};  // the server allows itself 15 s (docs/protocol.md#handshake)
};

/// Connects, upgrades and, when a token is given, completes the handshake; then closes. For `nx-signal check`. The
/// error says which step failed and what the server answered.
Result<void> shake_hands(const ListenOptions& options);

/// Prints `connected` and every decrypted frame to `out`, one JSON line each, flushed. Returns 0 when `stop` was raised
/// (the connection is then closed with 1000) or when the server closed with 1000; 2 for an invalid url or an empty
/// token; otherwise 1, with one line on `err` that says what happened, including close code and reason.
int listen(const ListenOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop);

}  // namespace nx::client
