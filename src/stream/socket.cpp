#include "stream/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "stream/lookup.hpp"

namespace nx::stream {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{60'000};  // of one poll(2): an int can hold it, whatever the deadline

std::vector<SocketAddress> addresses_of(const addrinfo* list) {
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    SocketAddress one{.size = at->ai_addrlen};
    std::memcpy(&one.storage, at->ai_addr, at->ai_addrlen);
    addresses.push_back(one);
  }
  return addresses;
}

}  // namespace

std::string reason_of(int error) {
  return std::error_code(error, std::generic_category()).message();
}

Waited wait_for(int fd, short interest, Deadline deadline, const std::atomic<bool>* stop) {
  for (;;) {
    if (stop != nullptr && stop->load()) return Waited::stopped;
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Waited::late;
    const milliseconds slice = std::min(left, stop == nullptr ? kLongestWait : kStopCheck);
    pollfd poll_entry{fd, interest, 0};
    if (::poll(&poll_entry, 1, static_cast<int>(slice.count())) > 0) return Waited::ready;
  }
}

Result<Descriptor> connect_any(std::span<const SocketAddress> addresses, Deadline deadline,
                               const std::atomic<bool>* stop) {
  std::string why = "no address";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto* address = reinterpret_cast<const sockaddr*>(&addresses[i].storage);
    Descriptor socket(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.get() < 0 || (::connect(socket.get(), address, addresses[i].size) != 0 && errno != EINPROGRESS)) {
      why = reason_of(errno);
      continue;
    }
    // Each address has its share of the time: the first one may never answer.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
    const Waited waited = wait_for(socket.get(), POLLOUT, now + share, stop);
    if (waited == Waited::stopped) return fail(ErrorKind::unavailable, "stopped");
    int error = waited == Waited::late ? ETIMEDOUT : 0;
    socklen_t size = sizeof error;
    if (waited == Waited::ready) ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) {
      const int on = 1;
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return socket;
    }
    why = reason_of(error);
  }
  return fail(ErrorKind::unavailable, why);
}

Result<Descriptor> dial(const Endpoint& endpoint, Deadline deadline, const std::atomic<bool>* stop) {
  const Lookup lookup = look_up(endpoint.host.c_str(), endpoint.port, 0);
  if (lookup.error != 0) {
    return fail(ErrorKind::unavailable, "cannot look up " + endpoint.host + ": " + ::gai_strerror(lookup.error));
  }

  auto connected = connect_any(addresses_of(lookup.found.get()), deadline, stop);
  if (!connected && !(stop != nullptr && stop->load())) {
    return fail(ErrorKind::unavailable, "cannot connect to " + endpoint.text() + ": " + connected.error().message);
  }
  return connected;
}

}  // namespace nx::stream
