#pragma once
// The server's certificate and key as an OpenSSL context. Immutable once loaded; shared by all connections that began
// with it.

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "model/result.hpp"
#include "stream/tls_client.hpp"

struct ssl_ctx_st;

namespace nx::transport {

class TlsContext {
 public:
  /// PEM files: a certificate chain with the leaf first, and its key. Errors name the file and OpenSSL's reason; a key
  /// that does not match, or that is protected by a pass phrase, is an error too (there is no prompt).
  static Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate_path,
                                                        const std::string& key_path);

  ssl_ctx_st* native() const { return context_.get(); }  // borrowed; SSL_new() takes its own reference

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

/// The trust settings of the client side: TLS ≥ 1.2 with a verified server certificate. Immutable; shared by all
/// connections.
class TlsClientContext {
 public:
  /// `ca_path` is a PEM file; empty: the system's certificates. The error names the file and OpenSSL's reason.
  static Result<std::shared_ptr<const TlsClientContext>> load(const std::string& ca_path);

  ssl_ctx_st* native() const { return context_.get(); }

 private:
  explicit TlsClientContext(stream::TlsContextHandle context) : context_(std::move(context)) {}
  stream::TlsContextHandle context_;
};

/// The paths of the certificate and the key, and the context that was last loaded from them. Any thread.
class TlsSource {
 public:
  TlsSource(std::string certificate_path, std::string key_path);

  /// Reads both files again; after an error the current context stays.
  Result<void> reload();

  /// Null before the first successful reload().
  std::shared_ptr<const TlsContext> current() const;

 private:
  const std::string certificate_path_, key_path_;
  mutable std::mutex mutex_;  // guards current_
  std::shared_ptr<const TlsContext> current_;
};

}  // namespace nx::transport
