#pragma once
// The kinds of memory that one connection can make the program hold, and the bytes of each kind that it holds. A new
// kind needs a line here, its name below, and a call of Holders::account() wherever its size changes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nx::gateway {

enum class HeldKind : std::uint8_t {
  frames,       // frames queued for a WebSocket client: bytes not sent yet, and bytes of the same buffer that were sent
  held_pushes,  // pushes that wait behind a catch-up
  half_messages,   // WebSocket messages whose last frame has not arrived
  questions,       // tokens and room names that are being checked or wait to be checked
  requests,        // HTTP: requests that were read and are not answered yet
  answers,         // HTTP: answers that the kernel has not taken yet
  tls_handshakes,  // TLS handshakes in progress; an estimate
  tls_records,     // TLS records that are not completely received or sent; an estimate
  acks             // acknowledgements not yet written to the database; held by the shard, not by a connection
};

inline constexpr std::array<std::string_view, 9> kHeldKindNames{"frames",         "held_pushes", "half_messages",
                                                                "questions",      "requests",    "answers",
                                                                "tls_handshakes", "tls_records", "acks"};
inline constexpr std::size_t kHeldKinds = kHeldKindNames.size();

/// One object per connection, hence small: no kind of one connection reaches 4 GiB.
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
