#include "stream/socket_bio.hpp"

#include <cerrno>
#include <memory>

#include <sys/socket.h>

namespace nx::stream {
namespace {

int send_quietly(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  int fd = -1;
  BIO_get_fd(bio, &fd);
  const auto sent = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

const BIO_METHOD* quiet_socket() {
  static const std::unique_ptr<BIO_METHOD, FreeMethod> method = [] {
    const BIO_METHOD* const plain = BIO_s_socket();
    std::unique_ptr<BIO_METHOD, FreeMethod> made(BIO_meth_new(BIO_TYPE_SOCKET, "quiet socket"));
    if (!made) return made;
    BIO_meth_set_write(made.get(), send_quietly);
    BIO_meth_set_read(made.get(), BIO_meth_get_read(plain));
    BIO_meth_set_ctrl(made.get(), BIO_meth_get_ctrl(plain));
    BIO_meth_set_create(made.get(), BIO_meth_get_create(plain));
    BIO_meth_set_destroy(made.get(), BIO_meth_get_destroy(plain));
    return made;
  }();
  return method.get();
}

}  // namespace

BIO* socket_bio(int fd) {
  BIO* const bio = quiet_socket() != nullptr ? BIO_new(quiet_socket()) : nullptr;
  if (bio != nullptr) BIO_set_fd(bio, fd, BIO_NOCLOSE);
  return bio;
}

}  // namespace nx::stream
