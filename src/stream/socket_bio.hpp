#pragma once
// OpenSSL's way to a socket, as BIO_s_socket but for writes that raise no SIGPIPE: a library must not end its program.

#include <span>

#include <openssl/bio.h>

namespace nx::stream {

/// Stands between OpenSSL and the socket it reads.
class ReadGate {
 public:
  virtual ~ReadGate() = default;
  /// False: OpenSSL is told to come again, as if nothing had come.
  virtual bool may_read() = 0;
  /// What was read, before OpenSSL sees it. False: reading has failed.
  virtual bool pass(std::span<const char> bytes) = 0;
};

/// The caller owns it and closes `fd` itself, later. Null when memory is short. `gate` is borrowed; null: none.
BIO* socket_bio(int fd, ReadGate* gate = nullptr);

}  // namespace nx::stream
