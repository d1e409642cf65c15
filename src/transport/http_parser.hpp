#pragma once
// HTTP/1.1 requests from bytes (RFC 9112), without I/O. Heavy (some hundred bytes and a buffer): one per request under
// way, none while idle.

#include <cstddef>
#include <memory>
#include <string_view>

#include "transport/http_message.hpp"

namespace nx::transport {

class HttpParser {
 public:
  static constexpr std::size_t kMaxHeadBytes = 16'384;
  static constexpr std::size_t kMaxBodyBytes = 65'536;

  HttpParser();
  ~HttpParser();
  HttpParser(HttpParser&&) noexcept;
  HttpParser& operator=(HttpParser&&) noexcept;

  enum class Status { need_more, complete, failed };
  struct Progress {
    Status status = Status::need_more;
    std::size_t used =
        0;  // of the bytes given; at `complete` the rest belongs to the next request or to the upgraded protocol
    int error_status = 0;  // of `failed`: 400, 413, 431; answer and close
  };
  /// `bytes` are copied as needed. Not to be called again after complete or failed.
  Progress feed(std::string_view bytes);

  /// No byte has been fed yet: the connection is between requests.
  bool untouched() const;
  /// From here on the body's deadline counts, not the head's.
  bool head_complete() const;
  /// The head is there, the body is not, and the client waits for `100 Continue` (RFC 9110 §10.1.1).
  bool expects_continue() const;

  /// After complete: once. peer_address and over_tls are the caller's to fill in.
  HttpRequest take();
  /// After complete.
  bool keep_alive() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::transport
