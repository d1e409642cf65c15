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

int read_through_gate(BIO* bio, char* into, int size) {
  static const auto read_socket = BIO_meth_get_read(BIO_s_socket());
  auto* const gate = static_cast<ReadGate*>(BIO_get_data(bio));
  if (gate == nullptr) return read_socket(bio, into, size);
  BIO_clear_retry_flags(bio);
  if (!gate->may_read()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const int got = read_socket(bio, into, size);
  if (got > 0 && !gate->pass({into, static_cast<std::size_t>(got)})) return -1;
  return got;
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
    BIO_meth_set_read(made.get(), read_through_gate);
    BIO_meth_set_ctrl(made.get(), BIO_meth_get_ctrl(plain));
    BIO_meth_set_create(made.get(), BIO_meth_get_create(plain));
    BIO_meth_set_destroy(made.get(), BIO_meth_get_destroy(plain));
    return made;
  }();
  return method.get();
}

}  // namespace

BIO* socket_bio(int fd, ReadGate* gate) {
  BIO* const bio = quiet_socket() != nullptr ? BIO_new(quiet_socket()) : nullptr;
  if (bio == nullptr) return nullptr;
  BIO_set_fd(bio, fd, BIO_NOCLOSE);
  BIO_set_data(bio, gate);
  return bio;
}

}  // namespace nx::stream
