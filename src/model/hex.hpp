#pragma once
// Hexadecimal digits. Pure, for any thread.

#include <cstdint>
#include <string>

namespace nx {

inline constexpr char kLowerHexDigits[] = "0123456789abcdef";
inline constexpr char kUpperHexDigits[] = "0123456789ABCDEF";

/// The value of a digit, 0 to 15, in either case; -1 for any other character.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Two digits.
inline void append_hex(std::string& out, std::uint8_t byte, const char* digits = kLowerHexDigits) {
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

}  // namespace nx
