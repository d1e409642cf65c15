#pragma once
// HTTP connections of one shard that ended without an answer, by the reason: written by its thread, read by any. A peer
// that goes away by itself is none of them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "observe/counter.hpp"

namespace nx::gateway {

enum class Dropped : std::uint8_t {
  tls,            // what it sent is no TLS that we speak, or it refuses our certificate
  tls_timeout,    // its handshake did not end in time
  proxy_header,   // the PROXY header did not come whole
  unread_answer,  // it did not take its answer
  memory,         // it held most when all together held too much
  system          // the system did not take its socket
};

inline constexpr std::array<std::string_view, 6> kDroppedNames{"tls",           "tls_timeout", "proxy_header",
                                                               "unread_answer", "memory",      "system"};

class DropCounters {
 public:
  void add(Dropped reason) noexcept { counters_[static_cast<std::size_t>(reason)].add(); }
  /// In the order of kDroppedNames. Any thread.
  std::uint64_t value(std::size_t index) const noexcept { return counters_[index].value(); }

 private:
  std::array<observe::Counter, kDroppedNames.size()> counters_;
};

}  // namespace nx::gateway
