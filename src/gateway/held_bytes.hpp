#pragma once
// The kinds of memory that one connection can make the program hold, and how much of each it does. A new kind is a
// line here, its name below, and a call of Holders::account() wherever it changes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nx::gateway {

enum class HeldKind : std::uint8_t {
  frames,          // queued for a WebSocket client: what is not sent, and what was sent of the same buffer
  held_pushes,     // behind a catch-up
  half_messages,   // a WebSocket message whose end has not come
  questions,       // tokens and names of rooms that are asked about or wait for it
  requests,        // HTTP: read and not answered yet
  answers,         // HTTP: not yet taken by the kernel
  tls_handshakes,  // under way; an estimate
  tls_records,     // that have not come or not left whole; an estimate
  acks             // what clients have and the database does not know yet; the shard's, of no one connection
};

inline constexpr std::array<std::string_view, 9> kHeldKindNames{"frames",         "held_pushes", "half_messages",
                                                                "questions",      "requests",    "answers",
                                                                "tls_handshakes", "tls_records", "acks"};
inline constexpr std::size_t kHeldKinds = kHeldKindNames.size();

/// Each connection has one: small. No kind of one connection reaches 4 GiB.
class HeldBytes {
 public:
  void set(HeldKind kind, std::size_t bytes) { bytes_[index(kind)] = static_cast<std::uint32_t>(bytes); }
  std::size_t of(HeldKind kind) const { return bytes_[index(kind)]; }
  std::size_t total() const {
    std::size_t sum = 0;
    for (const std::uint32_t bytes : bytes_) sum += bytes;
    return sum;
  }
  bool operator==(const HeldBytes&) const = default;

 private:
  static constexpr std::size_t index(HeldKind kind) { return static_cast<std::size_t>(kind); }
  std::array<std::uint32_t, kHeldKinds> bytes_{};
};

}  // namespace nx::gateway
