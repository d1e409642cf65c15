#pragma once
// The client side of TLS, for blocking and non-blocking connections: which certificates are trusted, and for which
// host.

#include <memory>
#include <string>

#include "model/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace nx::stream {

struct FreeTlsContext {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContextHandle = std::unique_ptr<ssl_ctx_st, FreeTlsContext>;

/// TLS ≥ 1.2 with a verified server certificate. Writes may be partial, and their bytes may move. `ca_file` is a PEM
/// file; empty: the system's certificates. The error (kind invalid for the file) names the file and OpenSSL's reason.
Result<TlsContextHandle> tls_client_context(const std::string& ca_file);

/// Requires a certificate for `host`, a name or an address; a name is also sent as SNI. Returns false when OpenSSL has
/// no memory.
bool expect_host(ssl_st* session, const std::string& host);

/// Why the certificate of the peer was refused, as text; empty when it was not.
std::string certificate_refusal(const ssl_st* session);

/// The first error in OpenSSL's queue of this thread, as text. Empties the queue.
std::string openssl_reason();

}  // namespace nx::stream
