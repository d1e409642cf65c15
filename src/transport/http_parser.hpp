#pragma once
// Parses HTTP/1.1 requests (RFC 9112), without I/O. A parser is large (some hundred bytes and a buffer): there is one
// per request in progress, and none on an idle connection.

#include <cstddef>
#include <memory>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

class HttpParser {
 public:
  static constexpr std::size_t kMaxHeadBytes = 16'384;
  /// Limit for a head and for a trailer: a field of four bytes costs some two hundred bytes of memory.
  static constexpr std::size_t kMaxFields = 100;
  static constexpr std::size_t kMaxBodyBytes = 65'536;
  /// Limit for a chunked body including its framing: a body that is sent in chunks of one byte costs six bytes for
  /// each.
  static constexpr std::size_t kMaxChunkedBytes = 8 * kMaxBodyBytes;

  /// The number of bytes of empty lines in front of a request, which a server ignores (RFC 9112 §2.2). The caller must
  /// remove them before feed(). A single CR at the end may be the beginning of another empty line.
  static std::size_t empty_lines(std::string_view bytes);

  HttpParser();
  ~HttpParser();
  HttpParser(HttpParser&&) noexcept;
  HttpParser& operator=(HttpParser&&) noexcept;

  enum class Status { need_more, complete, failed };
  struct Progress {
    Status status = Status::need_more;
    std::size_t used = 0;  // bytes used; at `complete` the rest belongs to the next request or to the upgraded protocol
    int error_status = 0;  // with `failed`: 400, 413 or 431; answer and close
  };
  /// Copies what it needs of `bytes`. Must not be called again after complete or failed.
  Progress feed(std::string_view bytes);

  /// From now on the deadline of the body applies, not that of the head.
  bool head_complete() const { return head() != nullptr; }
  /// Null until the head is complete.
  const HttpRequest* head() const;
  /// A field of the head received so far: for the answer to a request that is refused.
  std::string_view field_so_far(std::string_view name) const;
  /// Memory of the request received so far.
  std::size_t held_bytes() const;
  /// The head is complete, the body is not, and the client waits for `100 Continue` (RFC 9110 §10.1.1).
  bool expects_continue() const;

  /// Only once, after complete. Trailer fields are dropped, because they must not be treated like fields of the head
  /// (RFC 9110 §6.5.1). The caller sets peer_address and over_tls.
  HttpRequest take();
  /// Only after complete.
  bool keep_alive() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::transport
