#pragma once
// Reads the parts of a filter: the JSON itself, `where`, order, fields, limit and skip.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"
#include "model/notification_field.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

inline constexpr std::size_t kMostLevels = 8;        // nesting depth of and, or
inline constexpr std::size_t kMostListValues = 100;  // also for order and fields

/// Parses the JSON and checks the limits that apply to all of it. 400 for invalid JSON; 422, naming the place, for text
/// that is too long, a list of more than 100 values, U+0000, and a number out of range. `at` names the parameter.
Input<json::Document> read_filter_document(std::string_view text, const std::string& at);

/// `where` as a tree of conditions, as IGNIS reads it. `at` is its place, for the message. 422 for a wrong shape, 400
/// for unknown names and operators and for invalid values.
Input<store::Where> read_where(json::View where, const std::string& at);

/// A list of `"field"`, `"field ASC"`, `"data.place DESC"`.
Input<std::vector<store::OrderTerm>> read_order(json::View order, const std::string& at);
/// The same as JSON, or separated by commas.
Input<std::vector<store::OrderTerm>> read_order_parameter(std::string_view text);

/// A list of names, or `{"name": true}`; an empty one selects all fields.
Input<NotificationFields> read_fields(json::View fields, const std::string& at);
Input<NotificationFields> read_fields_parameter(std::string_view text);

/// An integer from 0 to `most`.
Input<std::size_t> read_count(json::View number, const std::string& at, std::int64_t most);

}  // namespace nx::rest
