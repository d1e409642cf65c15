#pragma once
// Number of ended sessions by close code and by the side that sent the code: a client may send any code, including
// those of the server. Written by one thread, read by any.

#include <algorithm>
#include <array>
#include <cstdint>

#include "observe/counter.hpp"

namespace nx::gateway {

/// The codes of docs/protocol.md#close-codes. 1006 is a connection that broke without a close frame; 0 stands for every
/// other code.
inline constexpr std::array<std::uint16_t, 17> kCountedCloseCodes{0,    1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009,
                                                                  1013, 4001, 4002, 4003, 4004, 4005, 4008, 4009};

enum class ClosedBy : std::uint8_t { server, client };  // a broken connection counts as closed by the client
inline constexpr std::array<ClosedBy, 2> kClosedBy{ClosedBy::server, ClosedBy::client};

class CloseCounters {
 public:
  void add(ClosedBy by, std::uint16_t code) noexcept {
    const auto found = std::find(kCountedCloseCodes.begin(), kCountedCloseCodes.end(), code);
    counters_[static_cast<std::size_t>(by)]
             [found == kCountedCloseCodes.end() ? 0 : static_cast<std::size_t>(found - kCountedCloseCodes.begin())]
                 .add();
  }
  /// `index` is a position in kCountedCloseCodes. Any thread.
  std::uint64_t value(ClosedBy by, std::size_t index) const noexcept {
    return counters_[static_cast<std::size_t>(by)][index].value();
  }

 private:
  std::array<std::array<observe::Counter, kCountedCloseCodes.size()>, kClosedBy.size()> counters_;
};

}  // namespace nx::gateway
