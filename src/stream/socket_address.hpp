#pragma once
// The address of a socket in the form that the kernel takes, of any family.

#include <sys/socket.h>

namespace nx::stream {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

}  // namespace nx::stream
