#pragma once
// GET / and GET /page/{file}, with the headers that keep a page from loading or sending anything elsewhere.

#include "rest/router.hpp"

namespace nx::dev {

void add_page_routes(rest::Router& router);

}  // namespace nx::dev
