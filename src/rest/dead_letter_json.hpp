#pragma once
// Dead letters as JSON for operators.

#include <string>
#include <string_view>

#include "replay/dead_letter_page.hpp"

namespace nx::rest {

/// `{"count":…,"data":[…]}`
std::string dead_letters_json(const replay::DeadLetterPage& page);

/// Any bytes as UTF-8: each invalid byte becomes U+FFFD.
std::string as_utf8(std::string_view bytes);

}  // namespace nx::rest
