#pragma once
// The body of a request as JSON.

#include "json/document.hpp"
#include "rest/replies.hpp"

namespace nx::rest {

/// An object with the media type application/json; otherwise 415, 400 or 422.
Input<json::Document> read_json_object(const transport::HttpRequest& request);

}  // namespace nx::rest
