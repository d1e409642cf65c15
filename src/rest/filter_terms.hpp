#pragma once
// What a filter is made of: the JSON itself, `where`, order, fields, limit and skip.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"
#include "model/notification_field.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

inline constexpr std::size_t kMostLevels = 8;        // of and, or within each other
inline constexpr std::size_t kMostListValues = 100;  // also of order and fields

/// The JSON, held against the limits that hold for all of it. 400 for text that is no JSON; 422, naming the place, for
/// one that is too long, a list of more than 100 values, U+0000 and a number beyond range. `at` names the parameter.
Input<json::Document> read_filter_document(std::string_view text, const std::string& at);

/// `where` as a tree of conditions, as IGNIS reads it. `at` is where it stands, for the message. 422 for what has
/// another shape, 400 for names, operators and values that are none.
Input<store::Where> read_where(json::View where, const std::string& at);

/// A list of `"field"`, `"field ASC"`, `"data.place DESC"`.
Input<std::vector<store::OrderTerm>> read_order(json::View order, const std::string& at);
/// The same as JSON, or with commas between.
Input<std::vector<store::OrderTerm>> read_order_parameter(std::string_view text);

/// A list of names, or `{"name": true}`; none of either is all.
Input<NotificationFields> read_fields(json::View fields, const std::string& at);
Input<NotificationFields> read_fields_parameter(std::string_view text);

/// An integer from 0 to `most`.
Input<std::size_t> read_count(json::View number, const std::string& at, std::int64_t most);

}  // namespace nx::rest
