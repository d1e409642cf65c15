#include "transport/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <linux/sockios.h>
#include <unistd.h>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "stream/socket_bio.hpp"
#include "stream/tls_client.hpp"

namespace nx::transport {
namespace {

constexpr std::size_t kRecordBytes = 16'384;              // RFC 8446 §5.1
constexpr std::size_t kHandshakeBytes = 24'576;           // an SSL object, its buffers and keys: an estimate
constexpr std::size_t kBufferBytes = kRecordBytes + 512;  // of OpenSSL for one record including its framing

int clamped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

void Socket::Free::operator()(ssl_st* tls) const {
  ::SSL_free(tls);
}

Socket::Socket(Socket&& other) noexcept
    : intake_(std::move(other.intake_)),
      tls_(std::move(other.tls_)),
      problem_(std::move(other.problem_)),
      fd_(std::exchange(other.fd_, -1)),
      error_(other.error_),
      promised_(other.promised_),
      read_waits_to_write_(other.read_waits_to_write_),
      write_waits_to_read_(other.write_waits_to_read_),
      broken_(other.broken_) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  intake_ = std::move(other.intake_);
  tls_ = std::move(other.tls_);
  problem_ = std::move(other.problem_);
  fd_ = std::exchange(other.fd_, -1);
  error_ = other.error_;
  promised_ = other.promised_;
  read_waits_to_write_ = other.read_waits_to_write_;
  write_waits_to_read_ = other.write_waits_to_read_;
  broken_ = other.broken_;
  return *this;
}

bool Socket::attach_tls(ssl_ctx_st* context, stream::ReadGate* gate) {
  ::ERR_clear_error();
  tls_.reset(::SSL_new(context));
  BIO* const bio = tls_ ? stream::socket_bio(fd_, gate) : nullptr;
  if (bio == nullptr) {
    tls_.reset();
    return false;
  }
  ::SSL_set_bio(tls_.get(), bio, bio);
  return true;
}

bool Socket::start_tls(const TlsContext& context) {
  intake_ = std::make_unique<TlsIntake>();
  if (!attach_tls(context.native(), intake_.get())) return false;
  ::SSL_set_accept_state(tls_.get());
  return true;
}

bool Socket::start_tls(const TlsClientContext& context, const std::string& host) {
  if (!attach_tls(context.native(), nullptr)) return false;
  ::SSL_set_connect_state(tls_.get());
  return stream::expect_host(tls_.get(), host);
}

std::string Socket::certificate_problem() const {
  const long verdict = tls_ ? ::SSL_get_verify_result(tls_.get()) : X509_V_OK;
  return verdict == X509_V_OK ? std::string() : ::X509_verify_cert_error_string(verdict);
}

IoResult Socket::read(std::span<char> into) {
  if (tls_) return read_tls(into);
  ssize_t got = 0;
  do {
    got = ::recv(fd_, into.data(), into.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) return {IoStatus::done, static_cast<std::size_t>(got)};
  if (got == 0) return {IoStatus::closed};
  if (errno == EAGAIN) return {IoStatus::would_block};
  error_ = static_cast<std::int16_t>(errno);
  return {IoStatus::failed};
}

IoResult Socket::read_tls(std::span<char> into) {
  ::ERR_clear_error();
  if (intake_) intake_->begin(is_established());
  const IoResult result = tls_outcome(::SSL_read(tls_.get(), into.data(), clamped(into.size())), true);
  if (!intake_ || intake_->ended(result.status == IoStatus::done)) return result;
  broken_ = true;
  problem_ = intake_->refusal();
  return {IoStatus::failed};
}

IoResult Socket::write(std::string_view bytes) {
  if (bytes.empty()) return {IoStatus::done};
  if (tls_) {
    ::ERR_clear_error();
    if (intake_) intake_->begin(is_established());
    const IoResult result = tls_outcome(::SSL_write(tls_.get(), bytes.data(), clamped(bytes.size())), false);
    promised_ =
        static_cast<std::uint16_t>(result.status == IoStatus::would_block ? std::min(bytes.size(), kRecordBytes) : 0);
    return result;
  }
  ssize_t sent = 0;
  do {
    sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return {IoStatus::done, static_cast<std::size_t>(sent)};
  if (errno == EAGAIN) return {IoStatus::would_block};
  error_ = static_cast<std::int16_t>(errno);
  return {IoStatus::failed};
}

IoResult Socket::tls_outcome(int returned, bool reading) {
  bool& crossed = reading ? read_waits_to_write_ : write_waits_to_read_;
  crossed = false;
  if (returned > 0) return {IoStatus::done, static_cast<std::size_t>(returned)};
  const int system_error = errno;
  switch (::SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      crossed = !reading;
      return {IoStatus::would_block};
    case SSL_ERROR_WANT_WRITE:
      crossed = reading;
      return {IoStatus::would_block};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::closed};
    case SSL_ERROR_SYSCALL:
      error_ = static_cast<std::int16_t>(system_error);
      break;
    default:
      error_ = 0;
      break;
  }
  broken_ = true;
  note_problem();
  return {IoStatus::failed};
}

void Socket::note_problem() {
  const unsigned long code = ::ERR_peek_error();
  const bool just_gone = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  const char* const text = code == 0 || just_gone ? nullptr : ::ERR_reason_error_string(code);
  if (intake_ && !intake_->refusal().empty()) {
    problem_ = intake_->refusal();
  } else if (text != nullptr) {
    problem_ = text;
  }
  ::ERR_clear_error();
}

std::string Socket::tls_problem() const {
  return problem_;
}

std::size_t Socket::tls_bytes() const {
  if (!tls_) return 0;
  if (!is_established()) return kHandshakeBytes;
  return (has_buffered_input() ? kBufferBytes : 0) + (promised_ > 0 ? kBufferBytes : 0);
}

bool Socket::has_buffered_input() const {
  return tls_ && ::SSL_has_pending(tls_.get()) == 1;
}

bool Socket::is_established() const {
  return !tls_ || ::SSL_is_init_finished(tls_.get()) == 1;
}

std::size_t Socket::unacknowledged() const {
  int bytes = 0;
  return ::ioctl(fd_, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Socket::shutdown_write() {
  if (fd_ < 0) return;
  if (tls_ && !broken_ && ::SSL_is_init_finished(tls_.get()) == 1) {
    ::ERR_clear_error();
    ::SSL_shutdown(tls_.get());
    ::ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

void Socket::close() {
  tls_.reset();
  intake_.reset();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void configure(int fd, const SocketOptions& options) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int timeout = options.user_timeout_ms;
  if (timeout > 0) ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  const int buffer = options.send_buffer_bytes;
  if (buffer > 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
}

}  // namespace nx::transport
