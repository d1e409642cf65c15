#pragma once
// UTF-8 (RFC 3629). The validation has four bytes of state, so that a text may arrive in arbitrary pieces.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nx {

class Utf8Validator {
 public:
  /// False as soon as the bytes so far cannot begin a valid text; then stays false.
  bool feed(std::string_view bytes);

  /// True when no sequence is incomplete: the text may end here.
  bool complete() const { return remaining_ == 0; }

 private:
  std::uint8_t remaining_ = 0;  // continuation bytes that are missing; kInvalid after a failure
  std::uint8_t lowest_ =
      0x80;  // range of the next continuation byte: keeps out overlong forms, surrogates and > U+10FFFF
  std::uint8_t highest_ = 0xBF;
};

bool is_utf8(std::string_view text);

/// The size of the character at the beginning of `text`, 1 to 4 bytes; 0 if it is invalid or `text` is empty.
std::size_t utf8_character(std::string_view text);

/// The longest prefix of a valid text within `limit` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// Writes 1 to 4 bytes at `to` and returns the position after them. `character` is at most U+10FFFF; a surrogate is
/// encoded like any other value.
char* write_utf8(char* to, char32_t character);

}  // namespace nx
