#pragma once
// What a filter names and what it compares with: names of fields and places as subjects, JSON values as operands.

#include <string>
#include <string_view>

#include "json/document.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

/// How a subject is compared.
enum class ValueKind { id, integer, text, time, document, place, place_number };
ValueKind kind_of(const store::Subject& subject);

/// `[FilterBuilder][…] Table: ActivityNotification | …`, 400, as IGNIS words it.
tl::unexpected<BadInput> bad_filter(std::string_view method, std::string_view problem);

/// A field, or a place such as `data.a.b` or `data.items[0].x`; 400 for what is neither. `method` is IGNIS's, for the
/// message.
Input<store::Subject> read_subject(const std::string& name, std::string_view method, std::string_view json_method);

/// 400 for a value that the subject can not be compared with. Null is null.
Input<store::Operand> read_operand(json::View value, const store::Subject& subject, const std::string& name);

/// The text of a string, number or boolean; none for null; 400 for a list or an object.
Input<std::optional<std::string>> read_pattern_text(json::View value, const std::string& name);

tl::unexpected<BadInput> bad_value(const std::string& name, std::string_view expected);

}  // namespace nx::rest
