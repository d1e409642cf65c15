#pragma once
// Patterns of like, ilike, regexp and iregexp, as both databases understand them. No I/O.

#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::store {

enum class Case { sensitive, insensitive };

/// Translates a regular expression into a form that means the same to PostgreSQL (under COLLATE "C") and to RE2, and
/// that takes linear time. Supported: literals, `.`, `[…]` with ranges, classes ([:alpha:] …) and \d \w \s (ASCII),
/// groups, `|`, `* + ? {m,n}` up to 255 (also lazy), `^` and `$`. A construct that one of the two lacks (look-around,
/// back references, \b …) or an expression that is too large is an error (kind invalid) that names the construct.
Result<std::string> portable_pattern(std::string_view expression, Case letter_case);
inline constexpr std::size_t kMostPatternParts = 1'000;  // repeated parts count as often as they may repeat

/// An error if a like pattern is invalid: a backslash at the end escapes nothing.
Result<void> check_like(std::string_view pattern);

/// LIKE of PostgreSQL: `%` matches any text, `_` one character; `\` before either (or before itself) makes it a
/// literal. Both arguments are valid UTF-8.
bool like(std::string_view text, std::string_view pattern);

/// ilike expressed as like: every case of a character that the pattern names is replaced in the text by the one that
/// the folded pattern has.
struct FoldedPattern {
  std::string pattern;
  std::string from, to;  // arguments of PostgreSQL's translate(): character for character
};
FoldedPattern fold_like(std::string_view pattern);

}  // namespace nx::store
