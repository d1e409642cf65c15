#pragma once
// A TCP or TLS connection for code that may wait. Every call has a deadline and ends early when the stop flag is
// raised; only the look-up of a name takes as long as the system's resolver. Used by one thread; raises no SIGPIPE.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::stream {

using Deadline = std::chrono::steady_clock::time_point;

struct Endpoint {
  std::string host;  // a name or an address, IPv6 without brackets
  std::uint16_t port = 0;
  bool secure = false;  // TLS

  std::string text() const;  // host:port, with an IPv6 address in brackets
};

/// Use `skip` only for your own self-signed certificate: it does not detect a man in the middle.
enum class CertificateCheck { verify, skip };

struct TlsTrust {
  CertificateCheck check = CertificateCheck::verify;
  std::string ca_file;  // PEM; empty: the system's certificates
};

class ByteStream {
 public:
  /// Connects, and does the TLS handshake when the endpoint is secure (TLS ≥ 1.2, host name checked). The error says
  /// which step failed and why; its kind is invalid when the trusted certificates cannot be read. `stop` is borrowed;
  /// null: nothing stops it early.
  static Result<ByteStream> connect(const Endpoint& endpoint, const TlsTrust& trust, Deadline deadline,
                                    const std::atomic<bool>* stop);
  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;
  ~ByteStream();

  enum class Reading { bytes, ended, late, stopped };
  struct Read {
    Reading state = Reading::late;
    std::size_t size = 0;
  };
  /// Returns at least one byte, unless the peer closed, the deadline passed or `stop` was raised. A broken connection
  /// is an error.
  Result<Read> read(std::span<char> into, Deadline deadline);

  /// Writes all bytes, even when the stop flag is raised: a message that was begun must not be cut.
  Result<void> write(std::string_view bytes, Deadline deadline);

 private:
  struct State;
  explicit ByteStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nx::stream
