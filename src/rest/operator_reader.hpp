#pragma once
// The operators of a `where`: `{"gte": 2, "lt": 5}` for one field or place.

#include <string>
#include <string_view>

#include "json/document.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

/// An object whose names are all operators, known or reserved; an empty one is none.
bool is_operators(json::View value);

/// 400 naming the first name that is no operator.
tl::unexpected<BadInput> unknown_operator(json::View value, const std::string& field);

/// Of a place: whether gt, gte, lt, lte compare with a number, or (not)Between with two.
Input<bool> compares_numbers(json::View operators, const std::string& field);

Input<store::Condition> read_operator(const std::string& name, json::View value, const store::Subject& subject,
                                      const std::string& field);

/// `in` or `not_in` of a list's values; of an empty one never, or always.
Input<store::Condition> read_list(json::View list, const store::Subject& subject, const std::string& field,
                                  store::Operation operation);

}  // namespace nx::rest
