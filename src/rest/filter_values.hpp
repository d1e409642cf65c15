#pragma once
// Reads the two sides of a condition: names of fields and places become subjects, JSON values become operands.

#include <string>
#include <string_view>

#include "json/document.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

/// The way in which a subject is compared.
enum class ValueKind { id, integer, text, time, document, place, place_number };
ValueKind kind_of(const store::Subject& subject);

/// `[FilterBuilder][…] Table: ActivityNotification | …`, 400, in the words of IGNIS.
tl::unexpected<BadInput> bad_filter(std::string_view method, std::string_view problem);

/// A field, or a place such as `data.a.b` or `data.items[0].x`; otherwise 400. `method` is the name of IGNIS's method,
/// for the message.
Input<store::Subject> read_subject(const std::string& name, std::string_view method, std::string_view json_method);

/// 400 for a value that the subject cannot be compared with. JSON null gives the null operand.
Input<store::Operand> read_operand(json::View value, const store::Subject& subject, const std::string& name);

/// The text of a string, number or boolean; nullopt for null; 400 for a list or an object.
Input<std::optional<std::string>> read_pattern_text(json::View value, const std::string& name);

tl::unexpected<BadInput> bad_value(const std::string& name, std::string_view expected);

}  // namespace nx::rest
