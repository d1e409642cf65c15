#pragma once
// The API documents: /doc/openapi.json and /doc/asyncapi.json for machines, /doc/explorer as a page. Made from
// contracts/ at build time; constant data, any thread.

#include <string_view>

#include "rest/router.hpp"

namespace nx::rest {

// Defined in a file that tools/embed.py writes.
std::string_view openapi_document();
std::string_view asyncapi_document();
std::string_view explorer_page();
std::string_view explorer_policy();  // the page's Content-Security-Policy

void add_document_routes(Router& router);

}  // namespace nx::rest
