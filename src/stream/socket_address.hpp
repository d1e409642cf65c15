#pragma once
// The address of a socket as the kernel takes it, of any family.

#include <sys/socket.h>

namespace nx::stream {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

}  // namespace nx::stream
