#pragma once
// An HTTP request and response as values, and the function type by which the gateway calls the handler of requests.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event_loop.hpp"

namespace nx::transport {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method;  // as sent: GET, POST …
  std::string target;  // raw request target
  std::string path;    // the part of target before '?', not percent-decoded
  std::string query;   // the part after '?', not decoded
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer_address;  // the client's address; behind trusted proxies the forwarded one
  bool over_tls = false;     // the client used TLS, with this process or with a proxy in front of it
  int minor_version = 1;     // HTTP/1.minor

  /// The first header with that name, letter case ignored; empty when absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  /// All lines with that name as one list (RFC 9110 §5.3): some proxies add a line of their own.
  std::string list(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;  // without Content-Length and Connection, which the connection adds
  std::string body;
};

/// Must be called exactly once, from any thread. A second call, or a call after the connection was closed, is ignored.
using Respond = std::function<void(HttpResponse)>;

/// Called on the home loop of the connection; must not block. `request` belongs to the handler.
using HttpHandler = std::function<void(HttpRequest request, runtime::EventLoop& home, Respond respond)>;

}  // namespace nx::transport
