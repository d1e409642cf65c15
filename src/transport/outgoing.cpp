#include "transport/outgoing.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/core.h>

#include "stream/lookup.hpp"

namespace nx::transport {
namespace {

int ask(const std::string& host, std::uint16_t port, int flags, std::vector<SocketAddress>& into) {
  const stream::Lookup lookup = stream::look_up(host.c_str(), port, flags);
  for (const addrinfo* at = lookup.found.get(); at != nullptr; at = at->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    into.push_back(address);
  }
  return lookup.error;
}

}  // namespace

std::vector<SocketAddress> literal_addresses(const std::string& host, std::uint16_t port) {
  std::vector<SocketAddress> found;
  ask(host, port, AI_NUMERICHOST, found);
  return found;
}

Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port) {
  std::vector<SocketAddress> found;
  if (const int error = ask(host, port, 0, found); error != 0) {
    return fail(ErrorKind::unavailable, fmt::format("cannot look up {}: {}", host, ::gai_strerror(error)));
  }
  return found;
}

Result<Socket> begin_connect(const SocketAddress& to) {
  const auto reason = [] { return std::generic_category().message(errno); };
  Socket socket(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return fail(ErrorKind::unavailable, reason());
  configure(socket.fd(), {});
  const auto* const address = reinterpret_cast<const sockaddr*>(&to.storage);
  if (::connect(socket.fd(), address, to.size) != 0 && errno != EINPROGRESS) {
    return fail(ErrorKind::unavailable, reason());
  }
  return socket;
}

int connect_error(const Socket& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace nx::transport
