#pragma once
// The client side of TLS, for connections that wait and for those that do not: what is trusted, and whom it must be.

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

/// TLS ≥ 1.2, the server's certificate verified; writes may be partial and their bytes may move. `ca_file`: PEM; empty:
/// the system's. The error (invalid: the file) names the file and OpenSSL's reason.
Result<TlsContextHandle> tls_client_context(const std::string& ca_file);

/// The certificate must be for `host`, a name or an address; a name is sent as SNI as well. False: OpenSSL has no
/// memory.
bool expect_host(ssl_st* session, const std::string& host);

/// What OpenSSL said first on this thread since its queue of errors was last empty; empties the queue.
std::string openssl_reason();

}  // namespace nx::stream
