#include "transport/listener.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "model/host_port.hpp"
#include "stream/lookup.hpp"

namespace nx::transport {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

std::uint16_t port_of(const sockaddr_storage& address) {
  // sin_port and sin6_port have the same offset.
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

sockaddr* generic(sockaddr_storage& address) {
  return static_cast<sockaddr*>(static_cast<void*>(&address));
}

// Returns 0 or errno.
int listen_on(const addrinfo& candidate, int backlog, Socket& out) {
  Socket socket(::socket(candidate.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, candidate.ai_protocol));
  if (!socket.is_open()) return errno;
  const int on = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.fd(), candidate.ai_addr, candidate.ai_addrlen) != 0) return errno;
  if (::listen(socket.fd(), backlog) != 0) return errno;
  out = std::move(socket);
  return 0;
}

}  // namespace

Result<Listener> Listener::open(const std::string& host, std::uint16_t port, int backlog) {
  const std::string wanted = host_port_text(host, port);
  const std::string name{without_brackets(host)};
  const stream::Lookup candidates = stream::look_up(name.empty() ? nullptr : name.c_str(), port, AI_PASSIVE);
  if (candidates.error != 0) {
    const std::string why = candidates.error == EAI_SYSTEM ? reason(errno) : ::gai_strerror(candidates.error);
    return fail(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}", wanted, why));
  }

  int error = EADDRNOTAVAIL;
  Socket socket;
  for (const addrinfo* candidate = candidates.found.get(); candidate != nullptr && error != 0;
       candidate = candidate->ai_next) {
    error = listen_on(*candidate, backlog, socket);
  }
  if (error != 0) {
    const char* const advice = error == EADDRINUSE ? ": stop the program that uses it, or choose another port" : "";
    return fail(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}{}", wanted, reason(error), advice));
  }

  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(socket.fd(), generic(bound), &size) != 0) {
    return fail(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}", wanted, reason(errno)));
  }
  const std::uint16_t bound_port = port_of(bound);
  const auto bound_address = IpAddress::from(*generic(bound));
  return Listener(std::move(socket), host_port_text(bound_address ? bound_address->text() : name, bound_port),
                  bound_port);
}

Listener::Accepted Listener::accept() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  Accepted accepted;
  int fd = -1;
  do {
    fd = ::accept4(socket_.fd(), generic(peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    accepted.error = errno;
    switch (accepted.error) {
      case EAGAIN:
        accepted.status = Accepted::Status::would_block;
        break;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        accepted.status = Accepted::Status::exhausted;
        break;
      default:
        break;
    }
    return accepted;
  }
  accepted.status = Accepted::Status::connection;
  accepted.socket = Socket(fd);
  accepted.peer = IpAddress::from(*generic(peer)).value_or(IpAddress{});
  accepted.peer_port = port_of(peer);
  return accepted;
}

}  // namespace nx::transport
