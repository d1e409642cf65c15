#include "app/not_understood.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

#include "config/edit_distance.hpp"
#include "config/url_redaction.hpp"

namespace nx::app {
namespace {

/// Shows a word that may be a mistyped command; any other text may contain a password.
std::string shown_word(const std::string& word) {
  constexpr std::size_t kMaxShown = 40;
  const bool plain =
      std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c) != 0 || c == '-'; });
  return plain ? word.substr(0, kMaxShown) : config::redact_url(word).substr(0, kMaxShown);
}

}  // namespace

std::string not_understood(std::span<const std::string> words, std::span<const std::string> commands) {
  std::string names;
  bool behind_a_flag = false;
  for (const std::string& word : words) {
    const bool is_flag = word.starts_with("-");
    if (is_flag) {
      names += " " + word.substr(0, word.find('='));
    } else if (!behind_a_flag) {
      names += fmt::format(" '{}'", shown_word(word));
      if (const auto meant = config::nearest(word, commands)) {
        names += fmt::format(" (did you mean {}?)", *meant);
      }
    }
    behind_a_flag = is_flag && word.find('=') == std::string::npos;
  }
  return names;
}

}  // namespace nx::app
