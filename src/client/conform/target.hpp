#pragma once
// The address of the server, and plain HTTP requests to it. Value type; a request blocks.

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/stream_url.hpp"
#include "stream/byte_stream.hpp"

namespace nx::client::conform {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;

  /// The value of the first header with that lower-case name; empty when absent.
  std::string header(std::string_view name) const;
};

struct Target {
  StreamUrl url;
  stream::TlsTrust trust;
  std::chrono::milliseconds answer_within{10'000};
  const std::atomic<bool>* stop = nullptr;  // borrowed; when it is raised, every wait ends

  stream::Deadline soon() const { return std::chrono::steady_clock::now() + answer_within; }

  /// Sends one request on a connection of its own. `resource` is path and query. Throws Differs when no complete answer
  /// arrives.
  HttpAnswer ask(std::string_view method, std::string_view resource, const Headers& headers = {},
                 std::string_view body = {}) const;
};

/// The headers of an upgrade to version 13, with the key of RFC 6455 §1.3.
Headers upgrade_headers();

}  // namespace nx::client::conform
