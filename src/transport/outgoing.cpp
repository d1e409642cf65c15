#include "transport/outgoing.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "stream/lookup.hpp"

namespace nx::transport {
namespace {

int ask(const std::string& host, std::uint16_t port, int flags, std::vector<Endpoint>& into) {
  const stream::Lookup lookup = stream::look_up(host.c_str(), port, flags);
  for (const addrinfo* at = lookup.found.get(); at != nullptr; at = at->ai_next) {
    Endpoint endpoint;
    std::memcpy(&endpoint.address, at->ai_addr, at->ai_addrlen);
    endpoint.size = at->ai_addrlen;
    into.push_back(endpoint);
  }
  return lookup.error;
}

}  // namespace

std::vector<Endpoint> literal_endpoints(const std::string& host, std::uint16_t port) {
  std::vector<Endpoint> found;
  ask(host, port, AI_NUMERICHOST, found);
  return found;
}

Result<std::vector<Endpoint>> look_up(const std::string& host, std::uint16_t port) {
  std::vector<Endpoint> found;
  if (const int error = ask(host, port, 0, found); error != 0) {
    return fail(ErrorKind::unavailable, "cannot look up " + host + ": " + ::gai_strerror(error));
  }
  return found;
}

Result<Socket> begin_connect(const Endpoint& to) {
  const auto reason = [] { return std::generic_category().message(errno); };
  Socket socket(::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return fail(ErrorKind::unavailable, reason());
  configure(socket.fd(), {});
  const auto* const address = reinterpret_cast<const sockaddr*>(&to.address);
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
