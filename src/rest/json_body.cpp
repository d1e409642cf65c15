#include "rest/json_body.hpp"

#include <algorithm>

namespace nx::rest {
namespace {

/// The media type without its parameters, in lower case (RFC 9110 §8.3.1).
std::string media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ') || content_type.ends_with('\t')) content_type.remove_suffix(1);
  std::string type{content_type};
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

}  // namespace

Input<json::Document> read_json_object(const transport::HttpRequest& request) {
  if (media_type(request.header("content-type")) != "application/json") {
    return tl::unexpected<BadInput>({415, "", "Unsupported media type: expected application/json"});
  }
  auto body = json::Document::read(request.body);
  if (!body) return tl::unexpected<BadInput>({400, "", "Malformed Body Payload"});
  if (!body->root().is_object()) return bad_field("", "expected an object");
  return std::move(*body);
}

}  // namespace nx::rest
