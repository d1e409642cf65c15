#pragma once
// A set of characters, such as a bracket expression of a pattern. No I/O.

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace nx::store {

class CharacterClass {
 public:
  /// \d \w \s and their opposites, ASCII; nullopt for other letters.
  static std::optional<CharacterClass> of_escape(char32_t letter);
  /// alpha, digit … as in [:alpha:], ASCII.
  static std::optional<CharacterClass> of_name(std::u32string_view name);

  void add(char32_t first, char32_t last) { ranges_.emplace_back(first, last); }
  void add(const CharacterClass& other);
  void negate() { negated_ = true; }
  /// Adds the other cases of every character.
  void fold();

  /// The bracket expression, escaped for both databases.
  std::string text() const;

 private:
  std::vector<std::pair<char32_t, char32_t>> ranges_;
  bool negated_ = false;
};

/// Parses a bracket expression; `at` moves from behind the opening bracket to behind the closing one. The error says
/// what is invalid.
tl::expected<CharacterClass, std::string> read_bracket(std::u32string_view expression, std::size_t& at);

bool is_letter_or_digit(char32_t c);  // ASCII
/// \n \t \r \f \v
std::optional<char32_t> control_escape(char32_t letter);
/// Escapes the character where it would have a special meaning.
void append_literal(std::string& out, char32_t c);

}  // namespace nx::store
