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
  /// Of a head, and of a trailer: a field of four bytes costs some two hundred in memory.
  static constexpr std::size_t kMaxFields = 100;
  static constexpr std::size_t kMaxBodyBytes = 65'536;
  /// Of a chunked body with all its framing: one that is sent byte by byte costs six for each.
  static constexpr std::size_t kMaxChunkedBytes = 8 * kMaxBodyBytes;

  /// So many bytes in front of a request are empty lines, which a server ignores (RFC 9112 §2.2). To be taken away
  /// before feed(); a lone CR at the end may be the begin of one.
  static std::size_t empty_lines(std::string_view bytes);

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

  /// From here on the body's deadline counts, not the head's.
  bool head_complete() const { return head() != nullptr; }
  /// Null until it is complete.
  const HttpRequest* head() const;
  /// A field of the head as far as it has come: for the answer to a request that is refused.
  std::string_view field_so_far(std::string_view name) const;
  /// Memory of the request as far as it has come.
  std::size_t held_bytes() const;
  /// The head is there, the body is not, and the client waits for `100 Continue` (RFC 9110 §10.1.1).
  bool expects_continue() const;

  /// After complete: once. Fields of trailers are dropped: nothing may believe them as if they came with the head (RFC
  /// 9110 §6.5.1). peer_address and over_tls are the caller's to fill in.
  HttpRequest take();
  /// After complete.
  bool keep_alive() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::transport
