#pragma once
// The BIO between OpenSSL and a socket. Like BIO_s_socket, but writes raise no SIGPIPE, because a library must not end
// its program.

#include <span>

#include <openssl/bio.h>

namespace nx::stream {

/// Called for the reads of OpenSSL from a socket.
class ReadGate {
 public:
  virtual ~ReadGate() = default;
  /// Returns false to stop reading: OpenSSL is told that nothing has arrived.
  virtual bool may_read() = 0;
  /// Receives bytes that were read before OpenSSL gets them. Returns false to make the read fail.
  virtual bool pass(std::span<const char> bytes) = 0;
};

/// The caller owns the BIO, and closes `fd` itself afterwards. Null when memory is short. `gate` is borrowed; it may be
/// null.
BIO* socket_bio(int fd, ReadGate* gate = nullptr);

}  // namespace nx::stream
