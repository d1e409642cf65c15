#pragma once
// Standard base64 with padding (RFC 4648 §4), on OpenSSL. The client side keeps its own, so that a mistake in the
// server's shows.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nx::client {

std::string to_base64(std::span<const std::uint8_t> bytes);

/// Empty for what is not base64 with padding, and for the empty text.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace nx::client
