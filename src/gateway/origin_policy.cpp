#include "gateway/origin_policy.hpp"

#include <algorithm>
#include <utility>

namespace nx::gateway {

namespace {

// Every header of our answers except those that a page may always read.
constexpr std::string_view kExposedHeaders =
    "Content-Range, Link, Retry-After, Sec-WebSocket-Version, Upgrade, WWW-Authenticate, x-inbox-epoch, x-request-id, "
    "x-response-count, x-response-format";
constexpr std::string_view kAllowedHeaders =
    "Authorization, Content-Type, traceparent, x-device-info, x-request-channel, x-request-count, x-request-id";

}  // namespace

OriginPolicy::OriginPolicy(std::vector<std::string> rules) : rules_(std::move(rules)) {
  any_ = std::ranges::find(rules_, "*") != rules_.end();
}

bool OriginPolicy::allows(std::string_view origin) const {
  if (origin.empty() || any_) return true;
  return std::ranges::any_of(rules_, [origin](const std::string& one) { return matches(origin, one); });
}

bool OriginPolicy::matches(std::string_view origin, std::string_view rule) {
  if (origin == rule) return true;
  const std::size_t star = rule.find("://*.");
  if (star == std::string_view::npos) return false;
  const std::string_view scheme = rule.substr(0, star + 3);
  const std::string_view domain = rule.substr(star + 4);  // with its leading dot
  if (origin.size() <= scheme.size() + domain.size() || !origin.starts_with(scheme) || !origin.ends_with(domain)) {
    return false;
  }
  const std::string_view names = origin.substr(scheme.size(), origin.size() - scheme.size() - domain.size());
  return names.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string_view::npos;
}

void OriginPolicy::allow_reading(transport::HttpResponse& response, std::string_view origin) const {
  if (rules_.empty()) return;
  if (!any_) response.headers.push_back({"Vary", "Origin"});
  if (origin.empty() || !allows(origin)) return;
  response.headers.push_back({"Access-Control-Allow-Origin", any_ ? "*" : std::string(origin)});
  response.headers.push_back({"Access-Control-Expose-Headers", std::string(kExposedHeaders)});
}

bool OriginPolicy::is_preflight(const transport::HttpRequest& request) const {
  return !rules_.empty() && request.method == "OPTIONS" && request.has_header("Origin") &&
         request.has_header("Access-Control-Request-Method");
}

transport::HttpResponse OriginPolicy::preflight(const transport::HttpRequest& request) const {
  transport::HttpResponse response;
  response.status = 204;
  const std::string_view origin = request.header("Origin");
  if (!allows(origin)) return response;
  response.headers.push_back({"Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"});
  response.headers.push_back({"Access-Control-Allow-Headers", std::string(kAllowedHeaders)});
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  return response;
}

}  // namespace nx::gateway
