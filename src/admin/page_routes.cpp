#include "admin/page_routes.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include "admin/page_files.hpp"
#include "rest/replies.hpp"
#include "web/assets.hpp"

namespace nx::admin {

namespace {

using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::string_view kStart = "index.html";
constexpr std::string_view kStreamPathPlace = "STREAM_PATH";

// Nothing of another origin, no frame around the page, no inline script or style, and no text that becomes HTML.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

std::string attribute_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string start_page(const std::string& stream_path) {
  const auto asset = web::find_asset(page_files(), kStart);
  std::string page(asset ? asset->content : std::string_view());
  const std::size_t place = page.find(kStreamPathPlace);
  if (place != std::string::npos) page.replace(place, kStreamPathPlace.size(), attribute_text(stream_path));
  return page;
}

HttpResponse serve(const HttpRequest& request, std::string_view name, const std::string& start) {
  const auto asset = web::find_asset(page_files(), name);
  if (!asset) return rest::url_not_found(request);
  return web::page_reply(name == kStart ? start : std::string(asset->content), asset->type, kPolicy);
}

}  // namespace

void add_page_routes(rest::Router& router, const std::string& stream_path) {
  const auto start = std::make_shared<const std::string>(start_page(stream_path));
  router.add("GET", "/admin",
             [start](const HttpRequest& request, const rest::RouteParameters&, runtime::EventLoop&,
                     const transport::Respond& respond) { respond(serve(request, kStart, *start)); });
  router.add(
      "GET", "/admin/{file}",
      [start](const HttpRequest& request, const rest::RouteParameters& parameters, runtime::EventLoop&,
              const transport::Respond& respond) { respond(serve(request, parameters.path.at("file"), *start)); });
}

}  // namespace nx::admin
