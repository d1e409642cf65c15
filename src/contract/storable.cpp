#include "contract/storable.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "model/utf8.hpp"

namespace nx::contract {
namespace {

constexpr std::int64_t kMaxDigitsBefore = 131'072;
constexpr std::int64_t kMaxDigitsAfter = 16'383;
constexpr std::int64_t kHugeExponent = 1'073'741'823;  // PostgreSQL refuses such an exponent even for zero
constexpr std::size_t kMaxPathBytes = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::int64_t exponent_of(std::string_view text) {
  if (text.empty()) return 0;
  text.remove_prefix(1);  // 'e' or 'E'
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kHugeExponent);
  return negative ? -value : value;
}

struct Digits {
  std::int64_t before = 0, after = 0;  // digits before and after the decimal point; before ≤ 0 for a number below 1
};

/// std::nullopt for an exponent that PostgreSQL cannot even parse.
std::optional<Digits> digits_of(std::string_view lexeme) {
  if (lexeme.starts_with('-')) lexeme.remove_prefix(1);
  const std::string_view mantissa = lexeme.substr(0, lexeme.find_first_of("eE"));
  const std::int64_t exponent = exponent_of(lexeme.substr(mantissa.size()));
  if (exponent >= kHugeExponent || exponent <= -kHugeExponent) return std::nullopt;
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto whole = static_cast<std::int64_t>(point);
  const auto fraction = point == mantissa.size() ? 0 : static_cast<std::int64_t>(mantissa.size()) - whole - 1;

  // The scale that PostgreSQL stores includes trailing zeros: 0e-16384 does not fit.
  Digits digits{.before = 0, .after = fraction - exponent};
  const std::size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos || !is_digit(mantissa[first])) return digits;  // zero in any spelling
  const auto at = static_cast<std::int64_t>(first);
  digits.before = (at < whole ? whole - at : whole - at + 1) + exponent;
  return digits;
}

constexpr const char* kNul = "holds U+0000, which PostgreSQL cannot store";
constexpr const char* kTooWide =
    "is a number beyond PostgreSQL's numeric (131072 digits before, 16383 after the decimal point)";

const char* problem_of_name(json::View name) {
  if (name.has_nul()) return "has a member name with U+0000";
  return name.was_cut() ? "has a member name with a lone surrogate" : nullptr;
}

/// Builds the path from its end. The recursion is bounded by the nesting limit of the parser.
const char* problem_in(json::View value, std::string& path) {
  if (value.is_string()) return value.has_nul() ? kNul : nullptr;
  if (value.is_number()) return fits_numeric(value.raw()) ? nullptr : kTooWide;
  std::size_t index = 0;
  for (const json::View item : value.items()) {
    if (const char* problem = problem_in(item, path)) {
      path.insert(0, fmt::format("[{}]", index));
      return problem;
    }
    ++index;
  }
  for (const auto& [name, member] : value.members()) {
    if (const char* problem = problem_of_name(name)) return problem;
    const char* problem = problem_in(member, path);
    if (!problem) continue;
    path.insert(0, "." + name.text());
    return problem;
  }
  return nullptr;
}

}  // namespace

bool fits_numeric(std::string_view lexeme) {
  const auto digits = digits_of(lexeme);
  return digits && digits->before <= kMaxDigitsBefore && digits->after <= kMaxDigitsAfter;
}

std::size_t written_out_growth(json::View value) {
  if (!value || !value.summary().unusual_number) return 0;  // all digits of every other number are written already
  std::size_t growth = 0;
  if (value.is_number()) {
    const auto digits = digits_of(value.raw());
    if (!digits) return 0;
    const auto size =
        static_cast<std::size_t>(std::max<std::int64_t>(digits->before, 1) + std::max<std::int64_t>(digits->after, 0));
    return size - std::min(size, value.raw().size());
  }
  for (const json::View item : value.items()) growth += written_out_growth(item);
  for (const auto& [name, member] : value.members()) growth += written_out_growth(member);
  return growth;
}

Result<void> check_storable(json::View value) {
  const json::Summary& summary = value.summary();
  if (!summary.nul && !summary.cut_name && !summary.unusual_number) return {};
  std::string path;
  const char* problem = problem_in(value, path);
  if (!problem) return {};
  if (path.starts_with('.')) path.erase(0, 1);
  if (path.empty()) path = "message";
  if (path.size() > kMaxPathBytes) {
    path = std::string{utf8_prefix(path, kMaxPathBytes - 3)} + "...";
  }
  return fail(ErrorKind::invalid, fmt::format("{}: {}", path, problem));
}

}  // namespace nx::contract
