#pragma once
// A connected, non-blocking TCP socket, plain or with TLS; read and write are the same for both. Owned by one
// connection; home thread only.

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/event_loop.hpp"
#include "transport/tls_context.hpp"
#include "transport/tls_intake.hpp"

struct ssl_st;

namespace nx::transport {

enum class IoStatus : std::uint8_t {
  done,         // `bytes` > 0 were read or written
  would_block,  // wait for read_interest() or write_interest(), then repeat the call
  closed,       // the peer closed the stream in an orderly way (FIN, close_notify)
  failed        // reset or invalid TLS; error() is errno, 0 for TLS
};

struct IoResult {
  IoStatus status = IoStatus::failed;
  std::size_t bytes = 0;
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}  // takes ownership of `fd`, which must be non-blocking
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Server side. The handshake runs inside read() and write(); call this before both. Returns false when OpenSSL has
  /// no memory.
  bool start_tls(const TlsContext& context);

  /// Client side, otherwise the same. The certificate must be for `host`, a name or an address.
  bool start_tls(const TlsClientContext& context, const std::string& host);

  /// With TLS: why it failed, as reported by OpenSSL or by this class; empty when the peer only closed the connection.
  std::string tls_problem() const;

  /// With TLS, client side: why the peer's certificate was refused; empty when it was accepted.
  std::string certificate_problem() const;

  IoResult read(std::span<char> into);

  /// May write only a part. With TLS, after would_block the next write must begin with the same bytes (they may be at
  /// another address, and more may follow).
  IoResult write(std::string_view bytes);

  /// With TLS, after a write that would block: how many bytes at the front of the next write must be the same, because
  /// they are already sealed in a record (at most one record, 16 KiB). Otherwise 0.
  std::size_t promised() const { return promised_; }

  /// The readiness for which the last would_block of a read or of a write waits, as runtime::Ready bits. With TLS a
  /// read may wait for writability and a write for readability (handshake, key update).
  std::uint32_t read_interest() const { return read_waits_to_write_ ? runtime::Ready::kWrite : runtime::Ready::kRead; }
  std::uint32_t write_interest() const { return write_waits_to_read_ ? runtime::Ready::kRead : runtime::Ready::kWrite; }

  /// With TLS: there are decrypted bytes that epoll does not report. Always false after a read() that returned
  /// would_block.
  bool has_buffered_input() const;

  /// With TLS, server side: the last read was stopped because OpenSSL would have read on without producing data. More
  /// input may be available; other connections should have their turn before it is read.
  bool was_cut() const { return intake_ && intake_->was_cut(); }

  /// With TLS: approximate bytes that OpenSSL holds for records that are not completely received or sent.
  std::size_t tls_bytes() const;

  /// False while a TLS handshake is in progress.
  bool is_established() const;

  /// Bytes that the peer's kernel has not acknowledged; stays constant while the peer does not read.
  std::size_t unacknowledged() const;

  /// Closes our half: close_notify (without waiting for the peer's), then FIN. The peer can still send.
  void shutdown_write();
  /// How long a connection waits for the peer's FIN after shutdown_write().
  static constexpr std::chrono::milliseconds kLingerWait{2'000};
  void close();

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  bool is_tls() const { return tls_ != nullptr; }
  int error() const { return error_; }

 private:
  struct Free {
    void operator()(ssl_st* tls) const;
  };
  bool attach_tls(ssl_ctx_st* context, stream::ReadGate* gate);
  IoResult read_tls(std::span<char> into);
  IoResult tls_outcome(int returned, bool reading);
  void note_problem();

  std::unique_ptr<TlsIntake> intake_;  // declared before tls_, which reads through it
  std::unique_ptr<ssl_st, Free> tls_;
  std::string problem_;
  int fd_ = -1;
  std::int16_t error_ = 0;
  std::uint16_t promised_ = 0;
  bool read_waits_to_write_ = false;
  bool write_waits_to_read_ = false;
  bool broken_ = false;  // after a fatal TLS error OpenSSL forbids SSL_shutdown()
};

struct SocketOptions {
  int send_buffer_bytes = 0;  // 0: the kernel's choice; otherwise SO_SNDBUF, which the kernel doubles
  // TCP_USER_TIMEOUT: how long a peer may acknowledge nothing before the kernel drops the connection
  int user_timeout_ms = 30'000;
};

/// Sets TCP_NODELAY and the options. A refusal by the kernel is ignored.
void configure(int fd, const SocketOptions& options);

}  // namespace nx::transport
