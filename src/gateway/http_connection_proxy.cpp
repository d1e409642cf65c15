// Reads the PROXY v2 header in front of TLS and HTTP, from trusted proxies only.

#include <array>
#include <cerrno>

#include <sys/socket.h>

#include "gateway/http_connection.hpp"
#include "gateway/plain_error.hpp"
#include "transport/proxy_header.hpp"

namespace nx::gateway {

void HttpConnection::read_proxy_header() {
  // Peeked, because the header may be followed by a TLS handshake, which OpenSSL must read from the socket itself.
  std::array<char, 4'352> peeked;
  const ssize_t got = ::recv(socket_.fd(), peeked.data(), peeked.size(), MSG_PEEK);
  if (got <= 0) return got == 0 || (errno != EAGAIN && errno != EINTR) ? finish() : void();
  const auto size = static_cast<std::size_t>(got);
  const transport::ProxyHeader header = transport::parse_proxy_header({peeked.data(), size});
  switch (header.status) {
    case transport::ProxyHeader::Status::need_more: {
      if (size == peeked_)
        return drop(Dropped::proxy_header);  // woken without new bytes: the proxy has closed its half
      peeked_ = size;
      // With level-triggered readiness the peeked bytes would wake the loop again and again: wake only when more than
      // these have arrived.
      const int more = static_cast<int>(size) + 1;
      ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVLOWAT, &more, sizeof more);
      return;
    }
    case transport::ProxyHeader::Status::invalid:
      return refuse(400, "Invalid PROXY header");
    case transport::ProxyHeader::Status::parsed: {
      ::recv(socket_.fd(), peeked.data(), header.used, 0);
      if (header.source) {
        peer_ = *header.source;
        client_ = peer_;
        peer_named_ = true;
        place_.name(peer_);
      }
      break;
    }
    case transport::ProxyHeader::Status::absent:
      break;
  }
  const int one = 1;
  ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
  begin_requests();
}

}  // namespace nx::gateway
