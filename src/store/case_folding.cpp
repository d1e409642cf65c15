#include "store/case_folding.hpp"

#include <algorithm>
#include <clocale>
#include <cwctype>
#include <locale.h>
#include <map>

#include "model/utf8.hpp"

namespace nx::store {
namespace {

constexpr char32_t kLastCased = 0x1E943;  // Adlam, the last script that has case

struct Letters {
  std::map<char32_t, char32_t> lower;       // only characters that it changes
  std::map<char32_t, std::u32string> same;  // for every member of a set of two or more
  std::u32string cased;                     // the keys of `same`
};

Letters make_letters() {
  Letters letters;
  locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const auto lower = [utf8](char32_t c) {
    if (utf8 != nullptr) return static_cast<char32_t>(::towlower_l(static_cast<wint_t>(c), utf8));
    return static_cast<char32_t>(c >= U'A' && c <= U'Z' ? c + 32 : c);
  };
  std::map<char32_t, std::u32string> by_lower;
  for (char32_t c = 1; c <= kLastCased; ++c) {
    const char32_t small = lower(c);
    if (small == c) continue;
    letters.lower.emplace(c, small);
    by_lower[small].push_back(c);
  }
  for (auto& [small, others] : by_lower) {
    others.push_back(small);
    std::sort(others.begin(), others.end());
    for (const char32_t c : others) letters.same[c] = others;
  }
  for (const auto& [c, set] : letters.same) letters.cased.push_back(c);
  if (utf8 != nullptr) ::freelocale(utf8);
  return letters;
}

const Letters& letters() {
  static const Letters kLetters = make_letters();
  return kLetters;
}

}  // namespace

char32_t lower_case(char32_t character) {
  const auto found = letters().lower.find(character);
  return found == letters().lower.end() ? character : found->second;
}

const std::u32string& same_letters(char32_t character) {
  static const std::u32string kNone;
  const auto found = letters().same.find(character);
  return found == letters().same.end() ? kNone : found->second;
}

std::u32string cased_within(char32_t first, char32_t last) {
  const std::u32string& cased = letters().cased;
  return {std::lower_bound(cased.begin(), cased.end(), first), std::upper_bound(cased.begin(), cased.end(), last)};
}

std::u32string characters_of(std::string_view utf8) {
  std::u32string characters;
  characters.reserve(utf8.size());
  while (!utf8.empty()) {
    const std::size_t size = std::max<std::size_t>(1, utf8_character(utf8));
    const auto first = static_cast<unsigned char>(utf8.front());
    char32_t character = size == 1 ? first : first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) character = character << 6 | (static_cast<unsigned char>(utf8[i]) & 0x3FU);
    characters.push_back(character);
    utf8.remove_prefix(size);
  }
  return characters;
}

void append_utf8(std::string& out, char32_t character) {
  char bytes[4];
  out.append(bytes, write_utf8(bytes, character));
}

}  // namespace nx::store
