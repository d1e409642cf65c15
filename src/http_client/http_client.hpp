#pragma once
// How this program makes an outgoing HTTP request, except those of `conform`: over http:// or https:// (TLS 1.2 or
// newer), without redirects, without a proxy of the environment, within a time-out, and with bounds on all parts of the
// answer.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace nx::http_client {

/// The bound on the header fields and trailers of one answer together.
constexpr std::size_t kMaxHeaderBytes = 64UL * 1024;

struct HttpClientOptions {
  std::string url;                         // the address of all requests
  std::chrono::milliseconds timeout{};     // of one request with its connection; at least 1 ms
  std::vector<std::string> headers;        // `Name: value`; `Name:` leaves out a field that libcurl would add
  std::size_t max_body_bytes = 64 * 1024;  // of an answer
  std::string tls_ca;                      // PEM file with the only certificates to trust; empty: those of the system
  bool verify = true;                      // whether to verify the server's certificate
};

/// An answer with any status.
struct Answer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;  // of the header field `Retry-After`
};

enum class Cause {
  ended,        // by end_by()
  too_large,    // the body is larger than its bound, or the header fields and trailers together than theirs
  untrusted,    // the certificate cannot be verified, or the file of `tls_ca` not be read
  unavailable,  // every other failure: unreachable, no answer in time, no HTTP
};

struct Failure {
  Cause cause = Cause::unavailable;
  std::string message;  // for an operator: what went wrong; holds no part of the request or the answer
};

using Outcome = tl::expected<Answer, Failure>;

/// Requests to one address. They block the calling thread; one thread at a time may make them. The connection is kept
/// for the next request.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  /// No request may be running, and no thread in end_by().
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Outcome get();

  /// `body` is borrowed until the return. `meanwhile` is called on this thread, at least ten times a second while it
  /// waits for the server.
  Outcome post(const std::string& body, const std::function<void()>& meanwhile);

  /// Any thread, also during a request: the running request and every later one end at this time at the latest. A time
  /// that has passed ends them at once. The last call counts.
  void end_by(std::chrono::steady_clock::time_point time);

 private:
  struct State;
  Outcome send(const std::string* body, const std::function<void()>& meanwhile);

  std::unique_ptr<State> state_;
};

}  // namespace nx::http_client
