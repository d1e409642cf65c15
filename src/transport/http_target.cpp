#include "transport/http_target.hpp"

#include <algorithm>

#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

void set_host(HttpRequest& request, std::string_view authority) {
  const auto host = std::ranges::find_if(
      request.headers, [](const HttpHeader& header) { return same_ignoring_case(header.name, "Host"); });
  if (host != request.headers.end()) {
    host->value = authority;
  } else {
    request.headers.push_back({"Host", std::string(authority)});
  }
}

void set_path(HttpRequest& request, std::string_view path_and_query) {
  const auto question = path_and_query.find('?');
  request.path = path_and_query.substr(0, question);
  if (request.path.empty()) request.path = "/";
  if (question != path_and_query.npos) request.query = path_and_query.substr(question + 1);
}

bool set_absolute(HttpRequest& request, std::string_view target, std::size_t scheme) {
  const auto end = std::min(target.find_first_of("/?", scheme), target.size());
  const std::string_view authority = target.substr(scheme, end - scheme);
  if (authority.empty() || authority.find('@') != authority.npos) return false;
  set_host(request, authority);
  set_path(request, target.substr(end));
  return true;
}

}  // namespace

bool set_target(HttpRequest& request, std::string_view target) {
  request.target = target;
  if (target.starts_with('/')) {
    set_path(request, target);
    return true;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() >= scheme.size() && same_ignoring_case(target.substr(0, scheme.size()), scheme))
      return set_absolute(request, target, scheme.size());
  }
  request.path = target;
  return request.method == "CONNECT" || (target == "*" && request.method == "OPTIONS");
}

}  // namespace nx::transport
