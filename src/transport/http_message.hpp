#pragma once
// An HTTP request and response as values, and the one function type between the gateway and whoever answers.

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
  std::string path;    // target up to '?', not percent-decoded
  std::string query;   // after '?', not decoded
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer_address;  // the client's address, behind trusted proxies the forwarded one
  bool over_tls = false;
  int minor_version = 1;  // HTTP/1.minor

  /// The first header of that name, letter case ignored; empty when absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  /// All lines of that name as one list (RFC 9110 §5.3): some proxies add theirs as a line of its own.
  std::string list(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;  // without Content-Length and Connection, which the connection writes
  std::string body;
};

/// Any thread, exactly once; a second call and a call after the connection went away are ignored.
using Respond = std::function<void(HttpResponse)>;

/// Called on the connection's home loop; must not block. `request` is the handler's to keep.
using HttpHandler = std::function<void(HttpRequest request, runtime::EventLoop& home, Respond respond)>;

}  // namespace nx::transport
