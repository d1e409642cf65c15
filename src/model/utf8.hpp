#pragma once
// Incremental UTF-8 validation (RFC 3629 §4): four bytes of state, so that a text may arrive in any pieces.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace nx {

class Utf8Validator {
 public:
  /// False as soon as the bytes so far can not begin a valid text; then stays false.
  bool feed(std::string_view bytes);

  /// True when no sequence is open: the text may end here.
  bool complete() const { return remaining_ == 0; }

 private:
  std::uint8_t remaining_ = 0;  // continuation bytes still to come; kInvalid after a failure
  std::uint8_t lowest_ =
      0x80;  // range of the next continuation byte: keeps out overlong forms, surrogates and > U+10FFFF
  std::uint8_t highest_ = 0xBF;
};

bool is_utf8(std::string_view text);

/// Bytes of the character with which `text` begins, 1 to 4; 0 when no valid one does, or `text` is empty.
std::size_t utf8_character(std::string_view text);

}  // namespace nx
