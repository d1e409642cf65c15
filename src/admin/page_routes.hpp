#pragma once
// The operators' page (docs/operations.md#the-operators-page). The files hold nothing secret: the page has no more
// rights than the token that is typed into it.

#include <string>

#include "rest/router.hpp"

namespace nx::admin {

/// GET /admin and /admin/{file}. `stream_path`: SIGNAL_WS_PATH, for the test push.
void add_page_routes(rest::Router& router, const std::string& stream_path);

}  // namespace nx::admin
