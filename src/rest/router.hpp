#pragma once
// Maps method and path to a handler. Segments match exactly; `{name}` matches one segment, percent-decoded. An unknown
// method or path gives 404 in the shape of docs/rest.md#errors, never 405. HEAD is answered as GET; the connection
// omits the body. Filled before the gateway starts, then only read: any thread.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/event_loop.hpp"
#include "transport/http_message.hpp"

namespace nx::rest {

struct RouteParameters {
  std::map<std::string, std::string> path;  // values of the {name} segments
};

/// Called on the connection's loop; must not block. The request has a valid x-request-id header, the client's or a new
/// one.
using RouteHandler =
    std::function<void(transport::HttpRequest, const RouteParameters&, runtime::EventLoop& home, transport::Respond)>;

class Router {
 public:
  void add(std::string method, std::string pattern, RouteHandler handler);

  /// The gateway's HttpHandler. Adds x-request-id to every response (the client's if valid, otherwise a new UUID). A
  /// handler that throws gives a 500.
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
