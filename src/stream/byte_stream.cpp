#include "stream/byte_stream.hpp"

#include <cerrno>
#include <poll.h>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "model/host_port.hpp"
#include "stream/socket.hpp"
#include "stream/socket_bio.hpp"
#include "stream/tls_client.hpp"

namespace nx::stream {

namespace {

struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};

std::string tls_reason(const SSL* session) {
  if (session != nullptr) {
    if (std::string refusal = certificate_refusal(session); !refusal.empty()) return refusal;
  }
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "the connection ended" : text;
}

}  // namespace

struct ByteStream::State {
  explicit State(Descriptor socket_in, const std::atomic<bool>* stop_in)
      : socket(std::move(socket_in)), stop(stop_in) {}

  Descriptor socket;
  const std::atomic<bool>* stop;  // null: never stopped early
  TlsContextHandle context;
  std::unique_ptr<SSL, FreeSession> tls;  // null: without TLS

  Result<void> shake_hands(const Endpoint& endpoint, const TlsTrust& trust, Deadline deadline);
};

Result<void> ByteStream::State::shake_hands(const Endpoint& endpoint, const TlsTrust& trust, Deadline deadline) {
  auto made = tls_client_context(trust.ca_file);
  if (!made) return error_of(made);
  context = *std::move(made);
  // A peer that closes after its close frame without close_notify is treated as a normal end and not as truncation:
  // frames have lengths of their own.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (trust.check == CertificateCheck::skip) SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);

  tls.reset(SSL_new(context.get()));
  BIO* const bio = socket_bio(socket.get());
  if (!tls || bio == nullptr) {
    BIO_free(bio);
    return fail(ErrorKind::unavailable, "OpenSSL cannot create a TLS session");
  }
  SSL_set_bio(tls.get(), bio, bio);
  if (!expect_host(tls.get(), endpoint.host))
    return fail(ErrorKind::unavailable, "OpenSSL cannot create a TLS session");
  for (;;) {
    const int done = SSL_connect(tls.get());
    if (done == 1) return {};
    const int wants = SSL_get_error(tls.get(), done);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) {
      const bool skipped = trust.check == CertificateCheck::skip;
      return fail(ErrorKind::unavailable,
                  "TLS with " + endpoint.text() + ": " + tls_reason(skipped ? nullptr : tls.get()));
    }
    const Waited waited = wait_for(socket.get(), wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline, stop);
    if (waited == Waited::stopped) return fail(ErrorKind::unavailable, "stopped");
    if (waited == Waited::late) return fail(ErrorKind::unavailable, "TLS with " + endpoint.text() + ": timed out");
  }
}

std::string Endpoint::text() const {
  return host_port_text(host, port);
}

ByteStream::ByteStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

Result<ByteStream> ByteStream::connect(const Endpoint& endpoint, const TlsTrust& trust, Deadline deadline,
                                       const std::atomic<bool>* stop) {
  auto socket = dial(endpoint, deadline, stop);
  if (!socket) return error_of(socket);
  auto state = std::make_unique<State>(std::move(*socket), stop);
  if (endpoint.secure) {
    if (const auto shaken = state->shake_hands(endpoint, trust, deadline); !shaken) return error_of(shaken);
  }
  return ByteStream(std::move(state));
}

Result<ByteStream::Read> ByteStream::read(std::span<char> into, Deadline deadline) {
  for (;;) {
    short interest = POLLIN;
    if (state_->tls) {
      ERR_clear_error();
      std::size_t size = 0;
      if (SSL_read_ex(state_->tls.get(), into.data(), into.size(), &size) == 1) return Read{Reading::bytes, size};
      const int wants = SSL_get_error(state_->tls.get(), 0);
      if (wants == SSL_ERROR_ZERO_RETURN) return Read{Reading::ended, 0};
      if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE)
        return fail(ErrorKind::unavailable, tls_reason(nullptr));
      interest = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    } else {
      const ssize_t size = ::recv(state_->socket.get(), into.data(), into.size(), 0);
      if (size > 0) return Read{Reading::bytes, static_cast<std::size_t>(size)};
      if (size == 0) return Read{Reading::ended, 0};
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return fail(ErrorKind::unavailable, reason_of(errno));
    }
    const Waited waited = wait_for(state_->socket.get(), interest, deadline, state_->stop);
    if (waited == Waited::late) return Read{Reading::late, 0};
    if (waited == Waited::stopped) return Read{Reading::stopped, 0};
  }
}

Result<void> ByteStream::write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    short interest = POLLOUT;
    std::size_t written = 0;
    if (state_->tls) {
      ERR_clear_error();
      if (SSL_write_ex(state_->tls.get(), bytes.data(), bytes.size(), &written) != 1) {
        const int wants = SSL_get_error(state_->tls.get(), 0);
        if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE)
          return fail(ErrorKind::unavailable, tls_reason(nullptr));
        interest = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      }
    } else {
      const ssize_t size = ::send(state_->socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return fail(ErrorKind::unavailable, reason_of(errno));
      written = size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    bytes.remove_prefix(written);
    if (written == 0 && wait_for(state_->socket.get(), interest, deadline, nullptr) == Waited::late) {
      return fail(ErrorKind::unavailable, "the server does not accept the data");
    }
  }
  return {};
}

}  // namespace nx::stream
