#include "store/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace nx::store {
namespace {

constexpr std::int64_t kMostDigits = 131'072;

std::string_view take_digits(std::string_view& rest) {
  const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return c < '0' || c > '9'; });
  const std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  return digits;
}

std::string_view without_leading_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

struct Parts {
  bool negative = false;
  std::string_view whole, fraction;
};

Parts parts_of(std::string_view plain) {
  Parts parts;
  parts.negative = plain.starts_with('-');
  if (parts.negative) plain.remove_prefix(1);
  const auto point = std::min(plain.find('.'), plain.size());
  parts.whole = without_leading_zeros(plain.substr(0, point));
  parts.fraction = plain.substr(std::min(point + 1, plain.size()));
  parts.fraction = parts.fraction.substr(0, parts.fraction.find_last_not_of('0') + 1);
  return parts;
}

std::optional<std::int64_t> exponent_of(std::string_view& rest) {
  if (rest.empty() || (rest.front() != 'e' && rest.front() != 'E')) return 0;
  rest.remove_prefix(1);
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const std::string_view digits = take_digits(rest);
  if (digits.empty()) return std::nullopt;
  const std::string_view counting = without_leading_zeros(digits);
  std::int64_t exponent = 0;
  if (counting.size() > 9) return std::nullopt;
  std::from_chars(counting.data(), counting.data() + counting.size(), exponent);
  return negative ? -exponent : exponent;
}

}  // namespace

std::optional<std::string> plain_decimal(std::string_view number) {
  std::string_view rest = number;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::string_view whole = take_digits(rest);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
    if (fraction.empty()) return std::nullopt;
  }
  const auto exponent = exponent_of(rest);
  if (whole.empty() || !exponent || !rest.empty()) return std::nullopt;

  const auto fraction_size = static_cast<std::int64_t>(fraction.size());
  const std::int64_t scale = std::max<std::int64_t>(0, fraction_size - *exponent);
  if (scale > kMostDigits || static_cast<std::int64_t>(whole.size()) + *exponent > kMostDigits) return std::nullopt;
  // All digits without a point; then a point is inserted `scale` digits from the right.
  std::string digits{whole};
  digits += fraction;
  if (*exponent > fraction_size) digits.append(static_cast<std::size_t>(*exponent - fraction_size), '0');
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  const std::string_view counting = without_leading_zeros(std::string_view{digits}.substr(0, digits.size() - places));
  std::string text{counting.empty() ? std::string_view{"0"} : counting};
  if (places > 0) text.append(1, '.').append(digits, digits.size() - places);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return negative && !zero ? "-" + text : text;
}

bool is_plain_decimal(std::string_view text) {
  if (text.size() > kMostDecimalBytes) return false;
  if (text.starts_with('-')) text.remove_prefix(1);
  if (take_digits(text).empty()) return false;
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  return !take_digits(text).empty() && text.empty();
}

std::string normal_decimal(std::string_view plain) {
  const Parts parts = parts_of(plain);
  std::string text{parts.whole.empty() ? std::string_view{"0"} : parts.whole};
  if (!parts.fraction.empty()) text.append(1, '.').append(parts.fraction);
  return parts.negative && text != "0" ? "-" + text : text;
}

// The text is a sign byte, the position of the first significant digit, then the digits. Below zero all but the sign is
// complemented and 0xff is appended, because a longer fraction is further from zero.
std::string decimal_order(std::string_view plain) {
  const Parts parts = parts_of(plain);
  const std::string_view within = without_leading_zeros(parts.fraction);
  if (parts.whole.empty() && within.empty()) return {'\x01'};
  const std::int64_t place = parts.whole.empty() ? -static_cast<std::int64_t>(parts.fraction.size() - within.size())
                                                 : static_cast<std::int64_t>(parts.whole.size());
  const auto biased = static_cast<std::uint32_t>(place + (std::int64_t{1} << 30));
  std::string key(1, parts.negative ? '\0' : '\x02');
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(biased >> shift & 0xffU));
  std::string digits{parts.whole};
  digits += parts.whole.empty() ? within : parts.fraction;
  digits.resize(digits.find_last_not_of('0') + 1);
  key += digits;
  if (!parts.negative) return key;
  std::transform(key.begin() + 1, key.end(), key.begin() + 1, [](char c) { return static_cast<char>(~c); });
  key.push_back('\xff');
  return key;
}

}  // namespace nx::store
