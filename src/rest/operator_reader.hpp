#pragma once
// Reads the operators of a `where`: `{"gte": 2, "lt": 5}` for one field or place.

#include <string>
#include <string_view>

#include "json/document.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

/// Whether the object is not empty and all its names are operators, known or reserved.
bool is_operators(json::View value);

/// 400 that names the first unknown operator.
tl::unexpected<BadInput> unknown_operator(json::View value, const std::string& field);

/// For a place: whether gt, gte, lt, lte compare with a number, or (not)Between with two numbers.
Input<bool> compares_numbers(json::View operators, const std::string& field);

Input<store::Condition> read_operator(const std::string& name, json::View value, const store::Subject& subject,
                                      const std::string& field);

/// `in` or `not_in` of a list's values; for an empty list the condition is never or always true.
Input<store::Condition> read_list(json::View list, const store::Subject& subject, const std::string& field,
                                  store::Operation operation);

}  // namespace nx::rest
