#include "config/edit_distance.hpp"

#include <algorithm>
#include <vector>

namespace nx::config {

std::size_t edit_distance(std::string_view one, std::string_view other) {
  // Rows of the table for the prefixes of `one`: the last but one, the last, the current.
  std::vector<std::size_t> before, last(other.size() + 1), row(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[other.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known, std::size_t edits) {
  std::optional<std::string> best;
  for (const std::string& one : known) {
    const std::size_t apart = std::max(one.size(), word.size()) - std::min(one.size(), word.size());
    if (apart > edits) continue;
    if (const std::size_t distance = edit_distance(word, one); distance <= edits) {
      edits = distance == 0 ? 0 : distance - 1;  // only a smaller distance is better
      best = one;
    }
  }
  return best;
}

}  // namespace nx::config
