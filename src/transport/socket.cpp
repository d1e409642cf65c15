#include "transport/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <unistd.h>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "transport/ip_address.hpp"

namespace nx::transport {
namespace {

// SSL_write(3) sends with write(2), which would raise SIGPIPE: this BIO sends with MSG_NOSIGNAL, so that no
// process-wide handler is needed.
int send_quietly(BIO* bio, const char* data, int size) {
  ::BIO_clear_retry_flags(bio);
  int fd = -1;
  BIO_get_fd(bio, &fd);
  const auto sent = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) ::BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { ::BIO_meth_free(method); }
};

// A socket BIO with another write.
const BIO_METHOD* quiet_socket() {
  static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
    const BIO_METHOD* const plain = ::BIO_s_socket();
    std::unique_ptr<BIO_METHOD, FreeMethod> made(::BIO_meth_new(BIO_TYPE_SOCKET, "quiet socket"));
    if (!made) return made;
    ::BIO_meth_set_write(made.get(), send_quietly);
    ::BIO_meth_set_read(made.get(), ::BIO_meth_get_read(plain));
    ::BIO_meth_set_ctrl(made.get(), ::BIO_meth_get_ctrl(plain));
    ::BIO_meth_set_create(made.get(), ::BIO_meth_get_create(plain));
    ::BIO_meth_set_destroy(made.get(), ::BIO_meth_get_destroy(plain));
    return made;
  }();
  return method.get();
}

int clamped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

void Socket::Free::operator()(ssl_st* tls) const {
  ::SSL_free(tls);
}

Socket::Socket(Socket&& other) noexcept
    : tls_(std::move(other.tls_)),
      fd_(std::exchange(other.fd_, -1)),
      error_(other.error_),
      promised_(other.promised_),
      read_waits_to_write_(other.read_waits_to_write_),
      write_waits_to_read_(other.write_waits_to_read_),
      broken_(other.broken_) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  tls_ = std::move(other.tls_);
  fd_ = std::exchange(other.fd_, -1);
  error_ = other.error_;
  promised_ = other.promised_;
  read_waits_to_write_ = other.read_waits_to_write_;
  write_waits_to_read_ = other.write_waits_to_read_;
  broken_ = other.broken_;
  return *this;
}

bool Socket::attach_tls(ssl_ctx_st* context) {
  ::ERR_clear_error();
  tls_.reset(::SSL_new(context));
  BIO* const bio = tls_ && quiet_socket() != nullptr ? ::BIO_new(quiet_socket()) : nullptr;
  if (bio == nullptr) {
    tls_.reset();
    return false;
  }
  BIO_set_fd(bio, fd_, BIO_NOCLOSE);
  ::SSL_set_bio(tls_.get(), bio, bio);
  return true;
}

bool Socket::start_tls(const TlsContext& context) {
  if (!attach_tls(context.native())) return false;
  ::SSL_set_accept_state(tls_.get());
  return true;
}

bool Socket::start_tls(const TlsTrust& trust, const std::string& host) {
  if (!attach_tls(trust.native())) return false;
  ::SSL_set_connect_state(tls_.get());
  if (IpAddress::parse(host)) {
    return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(tls_.get()), host.c_str()) == 1;
  }
  std::string name = host;  // SSL_set_tlsext_host_name, whose macro casts in the old style
  ::SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  return ::SSL_set1_host(tls_.get(), host.c_str()) == 1;
}

std::string Socket::certificate_problem() const {
  const long verdict = tls_ ? ::SSL_get_verify_result(tls_.get()) : X509_V_OK;
  return verdict == X509_V_OK ? std::string() : ::X509_verify_cert_error_string(verdict);
}

IoResult Socket::read(std::span<char> into) {
  if (tls_) {
    ::ERR_clear_error();
    return tls_outcome(::SSL_read(tls_.get(), into.data(), clamped(into.size())), true);
  }
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

IoResult Socket::write(std::string_view bytes) {
  if (bytes.empty()) return {IoStatus::done};
  if (tls_) {
    ::ERR_clear_error();
    const IoResult result = tls_outcome(::SSL_write(tls_.get(), bytes.data(), clamped(bytes.size())), false);
    constexpr std::size_t kRecordBytes = 16'384;  // RFC 8446 §5.1
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
  ::ERR_clear_error();
  return {IoStatus::failed};
}

bool Socket::has_buffered_input() const {
  return tls_ && ::SSL_has_pending(tls_.get()) == 1;
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
