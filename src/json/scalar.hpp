#pragma once
// Strings and numbers of JSON text, to the letter of RFC 8259 §6 and §7.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nx::json {

enum class Lexeme { none, plain, with_exponent };

/// What kind of number `text` is; none for no number.
Lexeme number_lexeme(std::string_view text);

struct ScannedString {
  std::size_t size = 0;      // with both quotes
  std::uint8_t flags = 0;    // Node::kEscaped, kNul, kCut
  std::size_t replaced = 0;  // lone surrogates
  const char* problem = nullptr;
};

/// `begin` is at the opening quote of text that is valid UTF-8 and has no control characters in strings. With `replace`
/// the escape of a lone surrogate becomes that of U+FFFD, in place; otherwise it is a problem.
ScannedString scan_string(char* begin, const char* end, bool replace);

/// The characters that a string's `raw` (with quotes) stands for, appended.
void append_unescaped(std::string& out, std::string_view raw);

/// How many bytes write() makes of it.
std::size_t written_size_of_escaped(std::string_view raw);

}  // namespace nx::json
