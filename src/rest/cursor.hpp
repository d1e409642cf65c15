#pragma once
// The position at which a list continues: base64url of a version, the last row's seq and a hash of the query's filter.
// It contains no user: the user is taken from the token, so a cursor of another user shows only one's own rows.

#include <cstdint>
#include <string>
#include <string_view>

#include "rest/replies.hpp"

namespace nx::rest {

std::string cursor_text(std::int64_t seq, std::string_view filter);

/// The seq; 422 for an invalid cursor, and for a cursor of another filter.
Input<std::int64_t> read_cursor(std::string_view text, std::string_view filter);

}  // namespace nx::rest
