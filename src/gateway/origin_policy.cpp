#include "gateway/origin_policy.hpp"

#include <algorithm>
#include <utility>

namespace nx::gateway {

namespace {

// Every header that an answer of ours may carry, but those that a page may always read.
constexpr std::string_view kExposed =
    "Content-Range, Link, Retry-After, Sec-WebSocket-Version, Upgrade, WWW-Authenticate, x-request-id, "
    "x-response-count, x-response-format";
constexpr std::string_view kAllowed =
    "Authorization, Content-Type, traceparent, x-device-info, x-request-channel, x-request-count, x-request-id";

}  // namespace

OriginPolicy::OriginPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {
  any_ = std::ranges::find(origins_, "*") != origins_.end();
}

bool OriginPolicy::allows(std::string_view origin) const {
  return origin.empty() || any_ || std::ranges::find(origins_, origin) != origins_.end();
}

void OriginPolicy::allow_reading(transport::HttpResponse& response, std::string_view origin) const {
  if (origins_.empty()) return;
  if (!any_) response.headers.push_back({"Vary", "Origin"});
  if (origin.empty() || !allows(origin)) return;
  response.headers.push_back({"Access-Control-Allow-Origin", any_ ? "*" : std::string(origin)});
  response.headers.push_back({"Access-Control-Expose-Headers", std::string(kExposed)});
}

bool OriginPolicy::is_preflight(const transport::HttpRequest& request) const {
  return !origins_.empty() && request.method == "OPTIONS" && request.has_header("Origin") &&
         request.has_header("Access-Control-Request-Method");
}

transport::HttpResponse OriginPolicy::preflight(const transport::HttpRequest& request) const {
  transport::HttpResponse response;
  response.status = 204;
  const std::string_view origin = request.header("Origin");
  if (!allows(origin)) return response;
  response.headers.push_back({"Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"});
  response.headers.push_back({"Access-Control-Allow-Headers", std::string(kAllowed)});
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  return response;
}

}  // namespace nx::gateway
