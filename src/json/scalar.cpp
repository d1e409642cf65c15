#include "json/scalar.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "json/buffers.hpp"
#include "model/utf8.hpp"

namespace nx::json {
namespace {

constexpr std::size_t kUnitBytes = 6;  // \uXXXX
constexpr std::string_view kReplacement = "\\ufffd";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char* behind_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

/// The value of each hexadecimal digit; negative for any other byte.
constexpr std::array<std::int8_t, 256> kHexDigits = [] {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (int i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 10; i < 16; ++i) {
    digits[static_cast<std::size_t>('a' + i - 10)] = static_cast<std::int8_t>(i);
    digits[static_cast<std::size_t>('A' + i - 10)] = static_cast<std::int8_t>(i);
  }
  return digits;
}();

/// The UTF-16 unit of the escape `\uXXXX` at the start of `text`, or -1 if there is no such escape.
int unit_of(std::string_view text) {
  if (text.size() < kUnitBytes || text[0] != '\\' || text[1] != 'u') return -1;
  const auto digit = [text](std::size_t at) { return int{kHexDigits[static_cast<unsigned char>(text[at])]}; };
  if ((digit(2) | digit(3) | digit(4) | digit(5)) < 0) return -1;
  return digit(2) << 12 | digit(3) << 8 | digit(4) << 4 | digit(5);
}

bool is_high(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// There is a backslash at `at`. Returns the position after the escape, or null if it is invalid.
char* scan_escape(char* at, const char* end, bool replace, ScannedString& found) {
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') return std::strchr("\"\\/bfnrt", at[1]) != nullptr && at[1] != '\0' ? at + 2 : nullptr;
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  const int unit = unit_of(rest);
  if (unit < 0) return nullptr;
  if (unit == 0) found.flags |= Node::kNul;
  if (is_high(unit) && is_low(unit_of(rest.substr(kUnitBytes)))) return at + 2 * kUnitBytes;
  if (is_high(unit) || is_low(unit)) {
    if (!replace) {
      found.problem = "lone surrogate";
      return nullptr;
    }
    std::copy(kReplacement.begin(), kReplacement.end(), at);
    found.flags |= Node::kCut;
    ++found.replaced;
  }
  return at + kUnitBytes;
}

/// Removes the escape `\uXXXX`, or the two escapes of a surrogate pair, from the start of `rest`.
std::uint32_t take_code_point(std::string_view& rest) {
  const int unit = unit_of(rest);
  rest.remove_prefix(kUnitBytes);
  if (!is_high(unit)) return static_cast<std::uint32_t>(unit);
  const int low = unit_of(rest);
  rest.remove_prefix(kUnitBytes);
  return 0x10000 + (static_cast<std::uint32_t>(unit - 0xD800) << 10) + static_cast<std::uint32_t>(low - 0xDC00);
}

/// The size of a string's character as it is written, in bytes.
std::size_t written_size_of(std::uint32_t point) {
  if (point == '"' || point == '\\') return 2;
  if (point < 0x20) return point == '\b' || point == '\f' || point == '\n' || point == '\r' || point == '\t' ? 2 : 6;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

char simple_escape(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

Lexeme number_lexeme(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* const whole = at;
  if ((at = behind_digits(at, end)) == whole || (*whole == '0' && at - whole > 1)) return Lexeme::none;
  if (at == end) return Lexeme::plain;
  if (*at == '.') {
    const char* const fraction = ++at;
    if ((at = behind_digits(at, end)) == fraction) return Lexeme::none;
    if (at == end) return Lexeme::plain;
  }
  if (*at != 'e' && *at != 'E') return Lexeme::none;
  if (++at != end && (*at == '+' || *at == '-')) ++at;
  const char* const exponent = at;
  at = behind_digits(at, end);
  return at == end && at != exponent ? Lexeme::with_exponent : Lexeme::none;
}

ScannedString scan_string(char* begin, const char* end, bool replace) {
  ScannedString found;
  for (char* at = begin + 1; at < end; ++at) {
    if (*at == '"') {
      found.size = static_cast<std::size_t>(at + 1 - begin);
      return found;
    }
    if (*at != '\\') continue;
    found.flags |= Node::kEscaped;
    at = scan_escape(at, end, replace, found);
    if (at == nullptr) {
      if (found.problem == nullptr) found.problem = "no escape sequence";
      return found;
    }
    --at;
  }
  found.problem = "string without end";
  return found;
}

void append_unescaped(std::string& out, std::string_view raw) {
  const std::size_t before = out.size();
  out.resize(before + raw.size());  // an escape is never shorter than its character
  char* to = out.data() + before;
  for (std::string_view rest = raw.substr(1, raw.size() - 2); !rest.empty();) {
    if (rest[0] != '\\') {
      *to++ = rest[0];
      rest.remove_prefix(1);
    } else if (rest[1] != 'u') {
      *to++ = simple_escape(rest[1]);
      rest.remove_prefix(2);
    } else {
      to = write_utf8(to, take_code_point(rest));
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

std::size_t written_size_of_escaped(std::string_view raw) {
  std::size_t size = 2;
  for (std::string_view rest = raw.substr(1, raw.size() - 2); !rest.empty();) {
    if (rest[0] != '\\') {
      ++size;
      rest.remove_prefix(1);
    } else if (rest[1] != 'u') {
      size += rest[1] == '/' ? 1 : 2;
      rest.remove_prefix(2);
    } else {
      size += written_size_of(take_code_point(rest));
    }
  }
  return size;
}

}  // namespace nx::json
