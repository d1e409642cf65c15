#pragma once
// Where a list of clients goes on: base64url of a version, a hash of the filter, and the last client's instance and id.
// It grants nothing: the rights come from the token.

#include <string>
#include <string_view>

#include "contract/operator_message.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

/// `place` as operators gave it; empty when it has no usable form.
std::string operator_cursor_text(const contract::ClientPlace& place, std::string_view filter);

/// 422 for what is no cursor, and for the cursor of another filter.
Input<contract::ClientPlace> read_operator_cursor(std::string_view text, std::string_view filter);

}  // namespace nx::rest
