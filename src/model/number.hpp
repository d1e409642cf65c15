#pragma once
// Parses numbers. Pure, for any thread.

#include <charconv>
#include <optional>
#include <string_view>

namespace nx {

/// The whole text must be a decimal integer that fits into Number: digits, for a signed type with an optional `-`
/// before them. nullopt for anything else, including an empty text.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace nx
