#pragma once
// JSON numbers as JavaScript reads them: doubles, and their text. Clients of IGNIS read every number as a double.

#include <optional>
#include <string>
#include <string_view>

namespace nx::rest {

/// nullopt beyond the range of a double; a number with more digits than a double holds is rounded, as in JSON.parse.
std::optional<double> javascript_number(std::string_view lexeme);

/// String(number), for a finite number.
std::string javascript_text(double number);

}  // namespace nx::rest
