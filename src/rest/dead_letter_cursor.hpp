#pragma once
// The position at which a list of dead letters continues: base64url of a version, a hash of the DLQ topic, and an
// offset for each partition with older letters. It grants no rights: they come from the token.

#include <string>
#include <string_view>

#include "replay/dead_letter_page.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

std::string dead_letter_cursor_text(const replay::DeadLetterCursor& cursor, std::string_view topic);

/// 422 for an invalid cursor, and for a cursor of another topic.
Input<replay::DeadLetterCursor> read_dead_letter_cursor(std::string_view text, std::string_view topic);

}  // namespace nx::rest
