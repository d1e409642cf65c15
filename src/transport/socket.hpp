#pragma once
// A connected, non-blocking TCP socket, plain or under TLS: the same read and write either way. Owner: one connection;
// home thread only.

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
  done,         // `bytes` > 0 were moved
  would_block,  // wait for interest(), then repeat
  closed,       // the peer ended the stream in order (FIN, close_notify)
  failed        // reset, broken TLS; error() has errno, 0 for TLS
};

struct IoResult {
  IoStatus status = IoStatus::failed;
  std::size_t bytes = 0;
};

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}  // owns it from here; must be non-blocking
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// Server side; the handshake runs inside read() and write(). Call before either. False when OpenSSL has no memory.
  bool start_tls(const TlsContext& context);

  /// Client side, the same; the certificate must be for `host`, a name or an address.
  bool start_tls(const TlsClientContext& context, const std::string& host);

  /// Under TLS: why it failed, in the words of OpenSSL or ours; empty when the peer just went away.
  std::string tls_problem() const;

  /// Under TLS, client side: why the peer's certificate was refused; empty when it was not.
  std::string certificate_problem() const;

  IoResult read(std::span<char> into);

  /// May take a part. Under TLS a write that would block must be repeated with the same bytes first (they may have
  /// moved, more may follow).
  IoResult write(std::string_view bytes);

  /// Under TLS, after a write that would block: so many bytes at the front of the next write must be the same, because
  /// the record that holds them is sealed already (at most one record, 16 KiB). 0 otherwise.
  std::size_t promised() const { return promised_; }

  /// What the last would_block of a read or a write waits for, as runtime::Ready bits. Under TLS a read may wait for
  /// writability and the other way round (handshake, key update).
  std::uint32_t read_interest() const { return read_waits_to_write_ ? runtime::Ready::kWrite : runtime::Ready::kRead; }
  std::uint32_t write_interest() const { return write_waits_to_read_ ? runtime::Ready::kRead : runtime::Ready::kWrite; }

  /// Under TLS: decrypted bytes that a poll will not announce. read() until would_block and this never matters.
  bool has_buffered_input() const;

  /// Under TLS, server side: the last read would have gone on without end or data. More may be there, and others should
  /// have their turn before it is read.
  bool was_cut() const { return intake_ && intake_->was_cut(); }

  /// Under TLS: what OpenSSL holds of records that have not come or not left whole, roughly.
  std::size_t tls_bytes() const;

  /// False while a TLS handshake is under way.
  bool is_established() const;

  /// Bytes that the peer's kernel has not acknowledged: of an answer that nobody reads they stay.
  std::size_t unacknowledged() const;

  /// Our half ends: close_notify (not waited for), then FIN. The peer can still send.
  void shutdown_write();
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

  std::unique_ptr<TlsIntake> intake_;  // before tls_, which reads through it
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
  int send_buffer_bytes = 0;     // 0: the kernel's choice; otherwise SO_SNDBUF, which the kernel doubles
  int user_timeout_ms = 30'000;  // TCP_USER_TIMEOUT: a peer that acknowledges nothing that long is gone
};

/// TCP_NODELAY and the options; best effort, a refusal is no error.
void configure(int fd, const SocketOptions& options);

}  // namespace nx::transport
