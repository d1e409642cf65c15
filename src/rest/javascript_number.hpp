#pragma once
// Numbers of JSON as JavaScript has them: doubles, and their text. What clients know as a number is one.

#include <optional>
#include <string>
#include <string_view>

namespace nx::rest {

/// Empty beyond the range of a double; below its precision it is rounded, as JSON.parse does.
std::optional<double> javascript_number(std::string_view lexeme);

/// String(number), of a finite number.
std::string javascript_text(double number);

}  // namespace nx::rest
