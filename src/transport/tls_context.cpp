#include "transport/tls_context.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

namespace nx::transport {
namespace {

/// Replaces OpenSSL's own callback, which prompts on the terminal and waits. `asked` points to a bool that is set.
int refuse_to_ask(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Empty when the path is a file. Opening a named pipe would block until another process writes to it.
std::string why_no_file(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::generic_category().message(errno);
  return S_ISREG(found.st_mode) ? "" : "is not a regular file";
}

Result<void> read_pair(SSL_CTX* context, const std::string& certificate_path, const std::string& key_path) {
  if (const auto why = why_no_file(certificate_path); !why.empty()) {
    return fail(ErrorKind::invalid, fmt::format("TLS certificate {}: {}", certificate_path, why));
  }
  if (const auto why = why_no_file(key_path); !why.empty()) {
    return fail(ErrorKind::invalid, fmt::format("TLS key {}: {}", key_path, why));
  }
  bool asked = false;
  ::SSL_CTX_set_default_passwd_cb(context, refuse_to_ask);
  ::SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
  const bool certified = ::SSL_CTX_use_certificate_chain_file(context, certificate_path.c_str()) == 1;
  const bool keyed = certified && ::SSL_CTX_use_PrivateKey_file(context, key_path.c_str(), SSL_FILETYPE_PEM) == 1;
  ::SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  ::SSL_CTX_set_default_passwd_cb(context, nullptr);
  if (certified && keyed) return {};
  const std::string& path = certified ? key_path : certificate_path;
  const std::string reason = stream::openssl_reason();
  if (asked) {
    return fail(ErrorKind::invalid, fmt::format("TLS {0} {1}: is protected by a pass phrase, which cannot be entered "
                                                "here; remove it with openssl pkey -in {1} -out KEY and name that file",
                                                certified ? "key" : "certificate", path));
  }
  return fail(ErrorKind::invalid, fmt::format("TLS {} {}: {}", certified ? "key" : "certificate", path, reason));
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
  ::SSL_CTX_free(context);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate_path,
                                                           const std::string& key_path) {
  ::ERR_clear_error();
  const std::shared_ptr<const TlsContext> result(new TlsContext(::SSL_CTX_new(::TLS_server_method())));
  SSL_CTX* const context = result->native();
  if (context == nullptr) return fail(ErrorKind::unavailable, "TLS: " + stream::openssl_reason());
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // With TLS 1.2 only forward secrecy and AEAD: a key that leaks later does not decrypt recorded traffic.
  ::SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // The buffers of an idle connection, about 34 KiB, are returned to the allocator.
  ::SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_OFF);  // resumption by ticket only: needs no memory per former client
  ::SSL_CTX_set_num_tickets(context, 1);
  if (const auto read = read_pair(context, certificate_path, key_path); !read) return error_of(read);
  if (::SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorKind::invalid,
                fmt::format("TLS key {} does not fit {}: {}", key_path, certificate_path, stream::openssl_reason()));
  }
  return result;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::load(const std::string& ca_path) {
  auto context = stream::tls_client_context(ca_path);
  if (!context) return error_of(context);
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(*std::move(context)));
}

TlsSource::TlsSource(std::string certificate_path, std::string key_path)
    : certificate_path_(std::move(certificate_path)), key_path_(std::move(key_path)) {}

Result<void> TlsSource::reload() {
  auto loaded = TlsContext::load(certificate_path_, key_path_);
  if (!loaded) return error_of(loaded);
  const std::lock_guard lock(mutex_);
  current_ = *std::move(loaded);
  return {};
}

std::shared_ptr<const TlsContext> TlsSource::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace nx::transport
