#pragma once
// OpenSSL's way to a socket, as BIO_s_socket but for writes that raise no SIGPIPE: a library must not end its program.

#include <openssl/bio.h>

namespace nx::stream {

/// The caller owns it and closes `fd` itself, later. Null when memory is short.
BIO* socket_bio(int fd);

}  // namespace nx::stream
