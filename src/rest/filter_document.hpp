#pragma once
// The JSON of a filter, held against the limits that hold for all of it.

#include <string>
#include <string_view>

#include "json/document.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

/// 400 for text that is no JSON; 422, naming the place, for one that is too long, a list of more than 100 values,
/// U+0000 and a number beyond range. `at` names the parameter.
Input<json::Document> read_filter_document(std::string_view text, const std::string& at);

}  // namespace nx::rest
