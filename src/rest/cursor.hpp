#pragma once
// Where a list goes on: base64url of a version, the last row's seq and a hash of the query's filter. It names no user:
// the user comes from the token, so a foreign cursor shows only one's own rows.

#include <cstdint>
#include <string>
#include <string_view>

#include "rest/replies.hpp"

namespace nx::rest {

std::string cursor_text(std::int64_t seq, std::string_view filter);

/// The seq; 422 for what is no cursor, and for the cursor of another filter.
Input<std::int64_t> read_cursor(std::string_view text, std::string_view filter);

}  // namespace nx::rest
