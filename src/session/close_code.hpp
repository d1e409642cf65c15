#pragma once
// Close codes of a connection: those of RFC 6455 §7.4.1 and of this protocol. docs/protocol.md#close-codes says what a
// client does after each.

#include <cstdint>
#include <string_view>

namespace nx::session {

/// The content of a close frame. `reason` refers to a string literal.
struct Closing {
  std::uint16_t code;
  std::string_view reason;
};

inline constexpr Closing kServerShuttingDown{1001, "Server shutting down"};
inline constexpr Closing kRateLimit{1008, "Rate limit"};
inline constexpr Closing kTooBigMessage{1009, "Received too big message"};
inline constexpr Closing kSlowConsumer{1013, "Slow consumer"};
inline constexpr Closing kTooManyHandshakes{1013, "Too many handshakes"};
inline constexpr Closing kAuthenticationTimeout{4001, "Authentication timeout"};
inline constexpr Closing kHeartbeatTimeout{4002, "Heartbeat timeout"};
inline constexpr Closing kAuthenticationFailed{4003, "Authentication failed"};
inline constexpr Closing kEncryptionRequired{4004, "Encryption required"};
inline constexpr Closing kDecryptionFailed{4004, "Decryption failed"};
inline constexpr Closing kTokenExpired{4005, "Token expired"};
inline constexpr Closing kTooManyConnections{4008, "Too many connections"};
inline constexpr Closing kDisconnectedByOperator{4009, "Disconnected by operator"};

}  // namespace nx::session
