#include "gateway/origin_policy.hpp"

#include <algorithm>
#include <utility>

namespace nx::gateway {

OriginPolicy::OriginPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {
  any_ = std::ranges::find(origins_, "*") != origins_.end();
}

bool OriginPolicy::allows(std::string_view origin) const {
  return origin.empty() || any_ || std::ranges::find(origins_, origin) != origins_.end();
}

void OriginPolicy::allow_reading(transport::HttpResponse& response, std::string_view origin) const {
  if (!any_) response.headers.push_back({"Vary", "Origin"});
  if (origin.empty() || !allows(origin)) return;
  response.headers.push_back({"Access-Control-Allow-Origin", any_ ? "*" : std::string(origin)});
  response.headers.push_back({"Access-Control-Expose-Headers", "Content-Range, Link, Retry-After, x-request-id"});
}

bool OriginPolicy::is_preflight(const transport::HttpRequest& request) {
  return request.method == "OPTIONS" && request.has_header("Origin") &&
         request.has_header("Access-Control-Request-Method");
}

transport::HttpResponse OriginPolicy::preflight(const transport::HttpRequest& request) const {
  transport::HttpResponse response;
  response.status = 204;
  const std::string_view origin = request.header("Origin");
  allow_reading(response, origin);
  if (!allows(origin)) return response;
  response.headers.push_back({"Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"});
  response.headers.push_back(
      {"Access-Control-Allow-Headers", "Authorization, Content-Type, x-request-count, x-request-id"});
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  return response;
}

}  // namespace nx::gateway
