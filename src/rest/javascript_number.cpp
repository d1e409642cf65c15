#include "rest/javascript_number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace nx::rest {

std::optional<double> javascript_number(std::string_view lexeme) {
  const double number = std::strtod(std::string{lexeme}.c_str(), nullptr);
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

// ECMA-262, Number::toString: the fewest digits that identify the number, and an exponent only in place of many zeros.
std::string javascript_text(double number) {
  if (number == 0) return "0";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), std::abs(number), std::chars_format::scientific).ptr;
  const std::string_view written(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = written.find('e');
  std::string digits(1, written.front());
  if (e > 2) digits += written.substr(2, e - 2);
  int exponent = 0;
  const std::size_t sign = written[e + 1] == '+' ? 2 : 1;
  std::from_chars(written.data() + e + sign, written.data() + written.size(), exponent);

  const int count = static_cast<int>(digits.size()), point = exponent + 1;
  const std::string minus = number < 0 ? "-" : "";
  if (point > 21 || point <= -6) {
    if (count > 1) digits.insert(1, 1, '.');
    return minus + digits + (exponent < 0 ? "e" : "e+") + std::to_string(exponent);
  }
  if (point <= 0) return minus + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (count <= point) return minus + digits + std::string(static_cast<std::size_t>(point - count), '0');
  digits.insert(static_cast<std::size_t>(point), 1, '.');
  return minus + digits;
}

}  // namespace nx::rest
