#pragma once
// Number of HTTP connections of one shard that ended without an answer or with an unread one, by reason. A connection
// that the peer closes is
// not counted. Written by the shard's thread, read by any.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "observe/counter.hpp"

namespace nx::gateway {

enum class Dropped : std::uint8_t {
  tls,            // the peer sent bytes that are not TLS, offered an unacceptable version, or refused our certificate
  tls_timeout,    // the TLS handshake did not end in time
  proxy_header,   // the PROXY header was not complete
  unread_answer,  // the peer did not read its answer
  memory,         // the connection held the most memory while the total was over its bound
  system          // a system call for its socket failed
};

inline constexpr std::array<std::string_view, 6> kDroppedNames{"tls",           "tls_timeout", "proxy_header",
                                                               "unread_answer", "memory",      "system"};

class DropCounters {
 public:
  void add(Dropped reason) noexcept { counters_[static_cast<std::size_t>(reason)].add(); }
  /// `index` is a position in kDroppedNames. Any thread.
  std::uint64_t value(std::size_t index) const noexcept { return counters_[index].value(); }

 private:
  std::array<observe::Counter, kDroppedNames.size()> counters_;
};

}  // namespace nx::gateway
