#pragma once
// Standard base64 with padding (RFC 4648 §4), with OpenSSL. The client side has its own implementation, so that a
// mistake of the server is found.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nx::client {

std::string to_base64(std::span<const std::uint8_t> bytes);

/// std::nullopt for invalid base64, for missing padding, and for empty text.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace nx::client
