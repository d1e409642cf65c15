#pragma once
// The first bytes of a TLS client, for peers that send no more than these or send them when a test wants it.

#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace nx::gateway {

inline std::string client_hello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), &SSL_free);
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(tls.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(tls.get());
  std::string hello(4'096, '\0');
  hello.resize(static_cast<std::size_t>(BIO_read(out, hello.data(), static_cast<int>(hello.size()))));
  return hello;
}

}  // namespace nx::gateway
