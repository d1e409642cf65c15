#pragma once
// SHA-256 and SHA-1 (SHA-1 only for Sec-WebSocket-Accept, RFC 6455 §4.2.2). Any thread.

#include <array>
#include <cstdint>
#include <string_view>

namespace nx::crypto {

std::array<std::uint8_t, 32> sha256(std::string_view bytes);
std::array<std::uint8_t, 20> sha1(std::string_view bytes);

}  // namespace nx::crypto
