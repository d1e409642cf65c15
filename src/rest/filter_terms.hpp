#pragma once
// The parts of a filter beside `where`: order, fields, limit and skip.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"
#include "model/notification_field.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

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
