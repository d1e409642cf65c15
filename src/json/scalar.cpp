#include "json/scalar.hpp"

#include <algorithm>
#include <cstring>

#include "json/buffers.hpp"

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

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The UTF-16 unit of the escape `\uXXXX` at the start of `text`, or -1 when there is none.
int unit_of(std::string_view text) {
  if (text.size() < kUnitBytes || text[0] != '\\' || text[1] != 'u') return -1;
  int unit = 0;
  for (std::size_t i = 2; i < kUnitBytes; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

bool is_high(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// A backslash stands at `at`. Returns behind its escape, or null when it is none.
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

void append_code_point(std::string& out, std::uint32_t point) {
  const auto byte = [&out](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
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
  std::string_view rest = raw.substr(1, raw.size() - 2);
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) return;
    if (rest[1] != 'u') {
      out.push_back(simple_escape(rest[1]));
      rest.remove_prefix(2);
      continue;
    }
    auto point = static_cast<std::uint32_t>(unit_of(rest));
    rest.remove_prefix(kUnitBytes);
    if (is_high(static_cast<int>(point))) {
      const auto low = static_cast<std::uint32_t>(unit_of(rest));
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      rest.remove_prefix(kUnitBytes);
    }
    append_code_point(out, point);
  }
}

}  // namespace nx::json
