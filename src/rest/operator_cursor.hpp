#pragma once
// The position at which a list of clients continues: base64url of a version, a hash of the filter, and the last
// client's instance and id. It grants no rights: they come from the token.

#include <string>
#include <string_view>

#include "contract/operator_message.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

/// `place` in the form that operators send; empty when it has no usable form.
std::string operator_cursor_text(const contract::ClientPlace& place, std::string_view filter);

/// 422 for an invalid cursor, and for a cursor of another filter.
Input<contract::ClientPlace> read_operator_cursor(std::string_view text, std::string_view filter);

}  // namespace nx::rest
