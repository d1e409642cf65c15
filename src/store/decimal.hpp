#pragma once
// Decimal numbers as text, of any size, as PostgreSQL's numeric writes and orders them.

#include <optional>
#include <string>
#include <string_view>

namespace nx::store {

/// A number as JSON writes it (`1.50e1`), without exponent and with the scale that numeric gives it (`15.0`). Empty for
/// what is no JSON number, and for one with more than 131,072 digits on a side, which numeric does not take.
std::optional<std::string> plain_decimal(std::string_view number);

/// Whether `text` is an optional `-`, digits, and optionally `.` with digits; at most kMostDecimalBytes.
bool is_plain_decimal(std::string_view text);
inline constexpr std::size_t kMostDecimalBytes = 1'000;

/// Without zeros that do not count: equal numbers have equal text. Of a plain decimal.
std::string normal_decimal(std::string_view plain);

/// Bytes that compare as the numbers do. Of a plain decimal.
std::string decimal_order(std::string_view plain);

}  // namespace nx::store
