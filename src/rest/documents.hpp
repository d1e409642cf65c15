#pragma once
// What this program promises, for machines and as a page: /doc/openapi.json, /doc/asyncapi.json, /doc/explorer. Made
// from contracts/ when it was built; constant data, any thread.

#include <string_view>

#include "rest/router.hpp"

namespace nx::rest {

// Written by tools/embed.py.
std::string_view openapi_document();
std::string_view asyncapi_document();
std::string_view explorer_page();
std::string_view explorer_policy();  // its Content-Security-Policy

void add_document_routes(Router& router);

}  // namespace nx::rest
