#pragma once
// What a condition of a filter can be, and what the evaluator compares.

#include <optional>
#include <string>
#include <variant>

namespace nx::rest::evaluation {

enum class Ternary { no, yes, unknown };
using Key = std::variant<double, std::string>;
using MaybeKey = std::optional<Key>;

inline Ternary of(bool truth) {
  return truth ? Ternary::yes : Ternary::no;
}
inline Ternary opposite(Ternary t) {
  return t == Ternary::unknown ? t : of(t == Ternary::no);
}

}  // namespace nx::rest::evaluation
