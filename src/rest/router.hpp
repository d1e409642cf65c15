#pragma once
// Method and path → handler. Exact segments; `{name}` takes one segment, percent-decoded. Unknown method or path: 404
// in the shape of docs/rest.md#errors, never 405. HEAD is answered as GET; the connection leaves the body out. Filled
// before the gateway starts, then only read: any thread.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/event_loop.hpp"
#include "transport/http_message.hpp"

namespace nx::rest {

struct RouteParameters {
  std::map<std::string, std::string> path;  // the {name} segments
};

/// Called on the connection's loop; must not block. The request carries a valid x-request-id header, the client's or a
/// new one.
using RouteHandler =
    std::function<void(transport::HttpRequest, const RouteParameters&, runtime::EventLoop& home, transport::Respond)>;

class Router {
 public:
  void add(std::string method, std::string pattern, RouteHandler handler);

  /// The gateway's HttpHandler. Adds x-request-id to every response (echoed when valid, else a new UUID). A handler
  /// that throws is a 500.
  void operator()(transport::HttpRequest request, runtime::EventLoop& home, transport::Respond respond) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  const Route* find(const transport::HttpRequest& request, RouteParameters& parameters) const;

  std::vector<Route> routes_;
};

}  // namespace nx::rest
