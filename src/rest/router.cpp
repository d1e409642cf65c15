#include "rest/router.hpp"

#include <algorithm>
#include <exception>

#include "crypto/random.hpp"
#include "model/percent.hpp"
#include "model/uuid.hpp"
#include "rest/replies.hpp"

namespace nx::rest {
namespace {

constexpr std::size_t kMaxRequestIdBytes = 255;  // as in Hono's middleware request-id, which IGNIS uses

bool is_request_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '=';
  };
  return !text.empty() && text.size() <= kMaxRequestIdBytes && std::all_of(text.begin(), text.end(), allowed);
}

/// Afterwards the request has exactly one x-request-id, and it is valid.
std::string settle_request_id(transport::HttpRequest& request) {
  std::string id{request.header(kRequestId)};
  if (!is_request_id(id)) id = uuid_text(crypto::uuid_v4());
  std::erase_if(request.headers, [](const transport::HttpHeader& header) {
    return std::equal(header.name.begin(), header.name.end(), kRequestId.begin(), kRequestId.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
  });
  request.headers.push_back({std::string{kRequestId}, id});
  return id;
}

/// `/a/b` → a, b; `/a/` → a and an empty segment, so that a path with a trailing slash is another path.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_name(const std::string& segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
             RouteParameters& parameters) {
  if (pattern.size() != segments.size()) return false;
  parameters.path.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_name(pattern[i])) {
      if (pattern[i] != segments[i]) return false;
      continue;
    }
    const auto value = percent_decode_utf8(segments[i], PlusSign::literal);
    if (!value || value->empty()) return false;
    parameters.path[pattern[i].substr(1, pattern[i].size() - 2)] = *value;
  }
  return true;
}

}  // namespace

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  routes_.push_back({std::move(method), split(pattern), std::move(handler)});
}

void Router::operator()(transport::HttpRequest request, runtime::EventLoop& home, transport::Respond respond) const {
  const std::string id = settle_request_id(request);
  transport::Respond answer = [id, respond = std::move(respond)](transport::HttpResponse response) {
    response.headers.push_back({std::string{kRequestId}, id});
    respond(std::move(response));
  };
  RouteParameters parameters;
  const Route* route = find(request, parameters);
  if (route == nullptr) {
    answer(url_not_found(request));
    return;
  }
  const transport::HttpResponse broken = error_reply(request, 500, "Internal Server Error");
  try {
    route->handler(std::move(request), parameters, home, answer);
  } catch (const std::exception&) {
    answer(broken);
  }
}

/// If two routes match, the one without names takes precedence: `/notifications/unread-count` is not an id, whatever
/// the order in which routes were added.
const Router::Route* Router::find(const transport::HttpRequest& request, RouteParameters& parameters) const {
  const std::string_view method = request.method == "HEAD" ? std::string_view{"GET"} : std::string_view{request.method};
  const auto segments = split(request.path);
  const Route* named = nullptr;
  RouteParameters found;
  for (const Route& route : routes_) {
    if (route.method != method || !matches(route.segments, segments, found)) continue;
    if (found.path.empty()) {
      parameters = found;
      return &route;
    }
    if (named == nullptr) {
      named = &route;
      parameters = found;
    }
  }
  return named;
}

}  // namespace nx::rest
