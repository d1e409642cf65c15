#include "store/character_class.hpp"

#include <algorithm>
#include <array>

#include "store/case_folding.hpp"

namespace nx::store {
namespace {

using Ranges = std::vector<std::pair<char32_t, char32_t>>;

constexpr char32_t kFirst = 1, kLast = 0x10FFFF;  // a notification's text that is compared here holds no U+0000

Ranges in_order(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges merged;
  for (const auto& [first, last] : ranges) {
    if (!merged.empty() && first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, last);
    } else {
      merged.emplace_back(first, last);
    }
  }
  return merged;
}

Ranges all_but(const Ranges& ranges) {
  Ranges others;
  char32_t next = kFirst;
  for (const auto& [first, last] : in_order(ranges)) {
    if (first > next) others.emplace_back(next, static_cast<char32_t>(first - 1));
    next = std::max(next, static_cast<char32_t>(last + 1));
  }
  if (next <= kLast) others.emplace_back(next, kLast);
  return others;
}

const Ranges kDigits{{U'0', U'9'}};
const Ranges kLower{{U'a', U'z'}}, kUpper{{U'A', U'Z'}};
const Ranges kAlpha{{U'A', U'Z'}, {U'a', U'z'}};
const Ranges kAlnum{{U'0', U'9'}, {U'A', U'Z'}, {U'a', U'z'}};
const Ranges kWord{{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}};
const Ranges kSpace{{U'\t', U'\r'}, {U' ', U' '}};
const Ranges kBlank{{U'\t', U'\t'}, {U' ', U' '}};
const Ranges kPunct{{U'!', U'/'}, {U':', U'@'}, {U'[', U'`'}, {U'{', U'~'}};
const Ranges kXdigit{{U'0', U'9'}, {U'A', U'F'}, {U'a', U'f'}};

}  // namespace

std::optional<CharacterClass> CharacterClass::of_escape(char32_t letter) {
  CharacterClass set;
  switch (letter) {
    case U'd':
      set.ranges_ = kDigits;
      break;
    case U'w':
      set.ranges_ = kWord;
      break;
    case U's':
      set.ranges_ = kSpace;
      break;
    case U'D':
      set.ranges_ = all_but(kDigits);
      break;
    case U'W':
      set.ranges_ = all_but(kWord);
      break;
    case U'S':
      set.ranges_ = all_but(kSpace);
      break;
    default:
      return std::nullopt;
  }
  return set;
}

std::optional<CharacterClass> CharacterClass::of_name(std::u32string_view name) {
  struct Named {
    std::u32string_view name;
    const Ranges& ranges;
  };
  static const std::array kNames{Named{U"alnum", kAlnum},  Named{U"alpha", kAlpha}, Named{U"blank", kBlank},
                                 Named{U"digit", kDigits}, Named{U"lower", kLower}, Named{U"punct", kPunct},
                                 Named{U"space", kSpace},  Named{U"upper", kUpper}, Named{U"xdigit", kXdigit}};
  for (const Named& named : kNames) {
    if (named.name != name) continue;
    CharacterClass set;
    set.ranges_ = named.ranges;
    return set;
  }
  return std::nullopt;
}

void CharacterClass::add(const CharacterClass& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
}

void CharacterClass::fold() {
  Ranges more;
  for (const auto& [first, last] : in_order(ranges_)) {
    for (const char32_t cased : cased_within(first, last)) {
      for (const char32_t same : same_letters(cased)) more.emplace_back(same, same);
    }
  }
  ranges_.insert(ranges_.end(), more.begin(), more.end());
}

std::string CharacterClass::text() const {
  std::string out = negated_ ? "[^" : "[";
  for (const auto& [first, last] : in_order(ranges_)) {
    append_literal(out, first);
    if (last == first) continue;
    out += '-';
    append_literal(out, last);
  }
  out += ']';
  return out;
}

bool is_letter_or_digit(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
}

std::optional<char32_t> control_escape(char32_t letter) {
  switch (letter) {
    case U'n':
      return U'\n';
    case U't':
      return U'\t';
    case U'r':
      return U'\r';
    case U'f':
      return U'\f';
    case U'v':
      return U'\v';
    default:
      return std::nullopt;
  }
}

void append_literal(std::string& out, char32_t c) {
  const bool plain = c >= 0x7F || c <= U' ' || is_letter_or_digit(c) || c == U'_';
  if (!plain) out += '\\';
  append_utf8(out, c);
}

namespace {

/// One element of a bracket expression: a character or a whole class.
struct Item {
  char32_t character = 0;
  std::optional<CharacterClass> set;
};
using ReadItem = tl::expected<Item, std::string>;

ReadItem read_named(std::u32string_view expression, std::size_t& at) {
  const auto end = expression.find(U":]", at);
  const auto set = end == std::u32string_view::npos ? std::nullopt
                                                    : CharacterClass::of_name(expression.substr(at + 2, end - at - 2));
  if (!set) return tl::unexpected<std::string>("[: without the name of a class and :]");
  at = end + 2;
  return Item{0, set};
}

ReadItem read_item(std::u32string_view expression, std::size_t& at) {
  const char32_t c = expression[at];
  const char32_t next = at + 1 < expression.size() ? expression[at + 1] : U'\0';
  if (c == U'[' && next == U':') return read_named(expression, at);
  if (c == U'[' && (next == U'.' || next == U'=')) return tl::unexpected<std::string>("[. and [= are not supported");
  ++at;
  if (c != U'\\') return Item{c, {}};
  if (at >= expression.size()) return tl::unexpected<std::string>("a [ without a ]");
  ++at;
  if (auto set = CharacterClass::of_escape(next)) return Item{0, std::move(set)};
  if (const auto control = control_escape(next)) return Item{*control, {}};
  if (next < 0x80 && is_letter_or_digit(next)) {
    std::string why("\\? is not supported in [ ]");
    why[1] = static_cast<char>(next);
    return tl::unexpected<std::string>(std::move(why));
  }
  return Item{next, {}};
}

}  // namespace

tl::expected<CharacterClass, std::string> read_bracket(std::u32string_view expression, std::size_t& at) {
  CharacterClass set;
  if (at < expression.size() && expression[at] == U'^') {
    set.negate();
    ++at;
  }
  for (bool first = true;; first = false) {
    if (at >= expression.size()) return tl::unexpected<std::string>("a [ without a ]");
    if (expression[at] == U']' && !first) break;
    const auto item = read_item(expression, at);
    if (!item) return tl::unexpected<std::string>(item.error());
    const bool range = at + 1 < expression.size() && expression[at] == U'-' && expression[at + 1] != U']';
    if (item->set) {
      if (range) return tl::unexpected<std::string>("a class cannot begin a range");
      set.add(*item->set);
      continue;
    }
    char32_t last = item->character;
    if (range) {
      const auto end = read_item(expression, ++at);
      if (!end) return tl::unexpected<std::string>(end.error());
      if (end->set || end->character < last) return tl::unexpected<std::string>("a range in [ ] from high to low");
      last = end->character;
    }
    set.add(item->character, last);
  }
  ++at;
  return set;
}

}  // namespace nx::store
