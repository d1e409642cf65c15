#include "gateway/proxy_header_reader.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

#include "transport/proxy_header.hpp"

namespace nx::gateway {

namespace {

/// The socket becomes readable when it holds `bytes` bytes.
void wake_at(int socket, std::size_t bytes) {
  const int mark = static_cast<int>(bytes);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark);
}

}  // namespace

ProxyHeaderReader::Result ProxyHeaderReader::read(int socket) {
  // Peeked, because the header may be followed by a TLS handshake, which OpenSSL must read from the socket itself.
  std::array<char, 4'352> peeked;
  const ssize_t got = ::recv(socket, peeked.data(), peeked.size(), MSG_PEEK);
  if (got <= 0) {
    const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    return {later ? Outcome::need_more : Outcome::lost, std::nullopt};
  }
  const auto size = static_cast<std::size_t>(got);
  transport::ProxyHeader header = transport::parse_proxy_header({peeked.data(), size});
  switch (header.status) {
    case transport::ProxyHeader::Status::need_more:
      if (size == peeked_) return {Outcome::incomplete, std::nullopt};  // woken without new bytes
      peeked_ = size;
      // With level-triggered readiness the peeked bytes would wake the loop again and again: wake only when more than
      // these have arrived.
      wake_at(socket, size + 1);
      return {Outcome::need_more, std::nullopt};
    case transport::ProxyHeader::Status::invalid:
      return {Outcome::invalid, std::nullopt};
    case transport::ProxyHeader::Status::parsed:
      ::recv(socket, peeked.data(), header.used, 0);
      break;
    case transport::ProxyHeader::Status::absent:
      break;
  }
  wake_at(socket, 1);
  return {Outcome::done, header.source};
}

}  // namespace nx::gateway
