#include "stream/tls_client.hpp"

#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace nx::stream {
namespace {

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(static_cast<int>(ERR_GET_REASON(code)));
  const char* const text = ERR_reason_error_string(code);
  return text != nullptr ? text : "error " + std::to_string(code);
}

void FreeTlsContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<TlsContextHandle> tls_client_context(const std::string& ca_file) {
  ERR_clear_error();
  TlsContextHandle context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return fail(ErrorKind::unavailable, "OpenSSL has no TLS client: " + openssl_reason());
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool trusts = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                      : SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
  if (!trusts) return fail(ErrorKind::invalid, "no certificates can be read from " + ca_file + ": " + openssl_reason());
  return context;
}

bool expect_host(ssl_st* session, const std::string& host) {
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  // SSL_set_tlsext_host_name() without its macro, which has a C-style cast; SSL_ctrl() takes mutable text.
  std::string name = host;
  SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  return SSL_set1_host(session, host.c_str()) == 1;
}

std::string certificate_refusal(const ssl_st* session) {
  const long result = SSL_get_verify_result(session);
  if (result == X509_V_OK) return {};
  return std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(result);
}

}  // namespace nx::stream
