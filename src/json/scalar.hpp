#pragma once
// Strings and numbers of JSON text, strictly as in RFC 8259 §6 and §7.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nx::json {

enum class Lexeme { none, plain, with_exponent };

/// The kind of number that `text` is; Lexeme::none if it is not a number.
Lexeme number_lexeme(std::string_view text);

struct ScannedString {
  std::size_t size = 0;      // with both quotes
  std::uint8_t flags = 0;    // Node::kEscaped, kNul, kCut
  std::size_t replaced = 0;  // lone surrogates
  const char* problem = nullptr;
};

/// `begin` is at the opening quote of text that is valid UTF-8 and has no control characters in strings. With `replace`
/// the escape of a lone surrogate is overwritten with that of U+FFFD; without it, a lone surrogate is an error.
ScannedString scan_string(char* begin, const char* end, bool replace);

/// Appends the characters of a string whose `raw` text includes the quotes.
void append_unescaped(std::string& out, std::string_view raw);

/// The number of bytes that write() produces for it.
std::size_t written_size_of_escaped(std::string_view raw);

}  // namespace nx::json
