#pragma once
// A listening TCP socket. Made on any thread, then used by one.

#include <cstdint>
#include <string>

#include "model/result.hpp"
#include "transport/ip_address.hpp"
#include "transport/socket.hpp"

namespace nx::transport {

class Listener {
 public:
  /// `host` is an IPv4 or IPv6 literal or a name (the first of its addresses that can be bound is used); empty is any
  /// address. Port 0 is any free port. The error names host, port and the system's reason.
  static Result<Listener> open(const std::string& host, std::uint16_t port, int backlog = 4096);

  struct Accepted {
    enum class Status {
      connection,
      would_block,
      exhausted,  // no descriptors or memory (EMFILE, ENFILE, ENOBUFS, ENOMEM): wait before the next attempt
      failed      // only this connection failed (ECONNABORTED …): accept the next one
    };
    Status status = Status::failed;
    Socket socket;  // non-blocking, close-on-exec
    IpAddress peer;
    std::uint16_t peer_port = 0;
    int error = 0;  // errno
  };
  Accepted accept();

  int fd() const { return socket_.fd(); }
  std::uint16_t port() const { return port_; }
  const std::string& address() const { return address_; }  // host:port as bound, IPv6 in brackets

  /// Stops accepting. The kernel resets connections that wait in the backlog.
  void close() { socket_.close(); }

 private:
  Listener(Socket socket, std::string address, std::uint16_t port)
      : socket_(std::move(socket)), address_(std::move(address)), port_(port) {}
  Socket socket_;
  std::string address_;
  std::uint16_t port_;
};

}  // namespace nx::transport
