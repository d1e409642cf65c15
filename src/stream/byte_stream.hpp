#pragma once
// A TCP or TLS connection for a program that may wait: every call has a deadline and ends early when the stop flag is
// raised. Used by one thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "client/stream_url.hpp"
#include "model/result.hpp"

namespace nx::client {

using Deadline = std::chrono::steady_clock::time_point;

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
  /// Connects, and shakes hands for wss (TLS ≥ 1.2, host name checked). The error says which step failed and why.
  /// `stop` is borrowed.
  static Result<ByteStream> connect(const StreamUrl& url, const TlsTrust& trust, Deadline deadline,
                                    const std::atomic<bool>& stop);
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

}  // namespace nx::client
