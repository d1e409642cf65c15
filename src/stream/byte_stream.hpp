#pragma once
// A TCP or TLS connection for a program that may wait: every call has a deadline and ends early when the stop flag is
// raised. The look-up of a name alone takes as long as the system's resolver does. Used by one thread; raises no
// SIGPIPE.

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
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 0;
  bool secure = false;  // TLS

  std::string text() const;  // host:port, an IPv6 address in brackets
};

enum class CertificateCheck {
  verify,
  skip
};  // skip: for a self-signed certificate at hand; anyone can then be in the middle

struct TlsTrust {
  CertificateCheck check = CertificateCheck::verify;
  std::string ca_file;  // PEM; empty: the system's
};

class ByteStream {
 public:
  /// Connects, and shakes hands where the endpoint is secure (TLS ≥ 1.2, host name checked). The error says which step
  /// failed and why; it is of kind invalid when the trusted certificates can not be read. `stop` is borrowed; null:
  /// nothing stops it early.
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
  /// At least one byte unless the other side ended, the deadline passed or stop was raised. A broken connection is an
  /// error.
  Result<Read> read(std::span<char> into, Deadline deadline);

  /// All of it, stop flag or not: what is begun must not be cut.
  Result<void> write(std::string_view bytes, Deadline deadline);

  /// From here on the stop flag is not looked at: for the goodbye.
  void outlive_stop();

 private:
  struct State;
  explicit ByteStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nx::stream
