#pragma once
// Patterns of like, ilike, regexp and iregexp, as both databases understand them. No I/O.

#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::store {

enum class Case { sensitive, insensitive };

/// A regular expression in a form that means the same to PostgreSQL (under COLLATE "C") and to RE2, and that takes
/// linear time. Taken: literals, `.`, `[…]` with ranges, classes ([:alpha:] …) and \d \w \s (ASCII), groups, `|`,
/// `* + ? {m,n}` up to 255, lazy ones too, `^` and `$`. What one of the two lacks (look-around, back references, \b …)
/// and what is too large is an error (kind invalid) that names it.
Result<std::string> portable_pattern(std::string_view expression, Case letter_case);
inline constexpr std::size_t kMostPatternParts = 1'000;  // repeated parts count as often as they may repeat

/// The error of a like pattern, or nothing: a backslash at the end escapes nothing.
Result<void> check_like(std::string_view pattern);

/// LIKE of PostgreSQL: `%` any text, `_` one character, `\` before either (or itself) makes it a literal. Both valid
/// UTF-8.
bool like(std::string_view text, std::string_view pattern);

/// ilike as like: characters of the text that the pattern names in any case become the one that the folded pattern has.
struct FoldedPattern {
  std::string pattern;
  std::string from, to;  // as PostgreSQL's translate() takes them: character for character
};
FoldedPattern fold_like(std::string_view pattern);

}  // namespace nx::store
