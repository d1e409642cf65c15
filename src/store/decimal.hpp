#pragma once
// Decimal numbers as text, of any size, as PostgreSQL's numeric writes and orders them.

#include <optional>
#include <string>
#include <string_view>

namespace nx::store {

/// Converts a number as JSON writes it (`1.50e1`) to the form without exponent and with the scale that numeric gives it
/// (`15.0`). nullopt for text that is not a JSON number, and for a number with more than 131,072 digits on either side
/// of the point, which numeric rejects.
std::optional<std::string> plain_decimal(std::string_view number);

/// Whether `text` is an optional `-`, digits, and optionally `.` with digits; at most kMostDecimalBytes.
bool is_plain_decimal(std::string_view text);
inline constexpr std::size_t kMostDecimalBytes = 1'000;

/// Removes insignificant zeros: equal numbers have equal text. The argument is a plain decimal.
std::string normal_decimal(std::string_view plain);

/// A byte string that sorts as the numbers do. The argument is a plain decimal.
std::string decimal_order(std::string_view plain);

}  // namespace nx::store
