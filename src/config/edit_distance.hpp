#pragma once
// "Did you mean": the number of insertions, deletions, replacements and swaps of neighbours between two words.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nx::config {

std::size_t edit_distance(std::string_view one, std::string_view other);

/// The nearest word of `known` within `edits` edits.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known, std::size_t edits = 2);

}  // namespace nx::config
