#pragma once
// Frames that a client must not send (RFC 6455 §5), to see how a server refuses them. Boost.Beast, which sends all
// other frames, cannot make most of these.

#include <cstdint>
#include <string>
#include <string_view>

namespace nx::client::conform {

enum class Mask { constant, none };  // none: forbidden for a client

/// `first` is the first byte: FIN, reserved bits, opcode. The mask is always the same, since no proxy is to be
/// protected here.
std::string raw_frame(std::uint8_t first, std::string_view payload, Mask mask);

}  // namespace nx::client::conform
