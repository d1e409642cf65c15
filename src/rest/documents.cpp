#include "rest/documents.hpp"

namespace nx::rest {
namespace {

RouteHandler document_route(std::string_view type, std::string_view (*content)(), std::string_view (*policy)()) {
  return [=](const transport::HttpRequest&, const RouteParameters&, runtime::EventLoop&,
             const transport::Respond& respond) {
    transport::HttpResponse response;
    response.headers = {{"Content-Type", std::string(type)},
                        {"Cache-Control", "no-cache"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Content-Security-Policy", std::string(policy())}};
    response.body = content();
    respond(std::move(response));
  };
}

std::string_view nothing_allowed() {
  return "default-src 'none'; frame-ancestors 'none'";
}

}  // namespace

void add_document_routes(Router& router) {
  router.add("GET", "/doc/openapi.json", document_route("application/json", openapi_document, nothing_allowed));
  router.add("GET", "/doc/asyncapi.json", document_route("application/json", asyncapi_document, nothing_allowed));
  router.add("GET", "/doc/explorer", document_route("text/html; charset=utf-8", explorer_page, explorer_policy));
}

}  // namespace nx::rest
