#include "app/admin_guard.hpp"

#include <utility>

#include "rest/replies.hpp"

namespace nx::app {

transport::HttpHandler guard_host(transport::HostNames own, transport::HttpHandler inner) {
  return [own = std::move(own), inner = std::move(inner)](transport::HttpRequest request, runtime::EventLoop& home,
                                                          transport::Respond respond) {
    if (own.has(request.header("Host"))) return inner(std::move(request), home, std::move(respond));
    respond(rest::error_reply(request, 403,
                              "the admin listener answers its own address and names only: send one of these as Host"));
  };
}

}  // namespace nx::app
