#pragma once
// The other end of bench/fan_out: a process of clients that authenticate, then count bytes; it says when each round has
// arrived.

#include <array>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "../tests/component/gateway/issuer.hpp"
#include "child_process.hpp"
#include "crypto/key_agreement.hpp"

namespace nx::bench {

inline int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
  return fd;
}

inline void write_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) die("send");
    sent += static_cast<std::size_t>(n);
  }
}

inline void read_until(int fd, const char* end) {
  std::string got;
  std::array<char, 4'096> buffer;
  while (got.find(end) == std::string::npos) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) die("the gateway ended a client's connection");
    got.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

inline std::string masked_text(const std::string& text) {
  std::string frame{static_cast<char>(0x81), static_cast<char>(0x80 | 126)};
  frame += static_cast<char>(text.size() >> 8U);
  frame += static_cast<char>(text.size());
  return frame + std::string(4, '\0') + text;
}

/// What the other process does: commands on `in`, one byte on `out` for each thing done.
class Clients {
 public:
  Clients(int in, int out, const gateway::Issuer& issuer)
      : in_(in), out_(out), issuer_(issuer), poll_(::epoll_create1(0)) {}

  [[noreturn]] void run() {
    for (Command command; ::read(in_, &command, sizeof command) == sizeof command;) {
      switch (command.what) {
        case Command::authenticate:
          for (std::size_t i = 0; i < command.count; ++i) authenticate(command.port);
          break;
        case Command::connect:
          for (std::size_t i = 0; i < command.count; ++i) connections_.push_back(connect_to(command.port));
          break;
        case Command::drain:
          drain(command.count, command.bytes);
          continue;
      }
      done();
    }
    std::_Exit(0);
  }

  struct Command {
    enum What { authenticate, connect, drain } what;
    std::uint16_t port;
    std::size_t count;
    std::size_t bytes;
  };

 private:
  void done() {
    if (::write(out_, "x", 1) != 1) die("write");
  }

  void authenticate(std::uint16_t port) {
    const int fd = connect_to(port);
    write_all(
        fd,
        "GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    read_until(fd, "\r\n\r\n");
    const std::string user =
        "\"01890a5d-ac96-774b-bcce-" + std::to_string(100'000'000'000 + connections_.size()) + "\"";
    write_all(fd, masked_text(R"({"event":"authenticate","data":{"type":"Bearer","token":")" + issuer_.token(user) +
                              R"(","clientPublicKey":")" + key_.public_base64() + R"("}})"));
    read_until(fd, "\"}}");
    connections_.push_back(fd);
  }

  /// `rounds` rounds of `bytes` in all, over all connections; each is reported when it is complete.
  void drain(std::size_t rounds, std::size_t bytes) {
    for (; watched_ < connections_.size(); ++watched_) {
      epoll_event event{.events = EPOLLIN, .data = {.fd = connections_[watched_]}};
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[watched_], &event);
    }
    std::array<epoll_event, 256> events;
    std::size_t got = 0;
    for (std::size_t reported = 0; reported < rounds;) {
      const int n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; ++i) {
        const ssize_t read =
            ::recv(events[static_cast<std::size_t>(i)].data.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (read > 0) got += static_cast<std::size_t>(read);
        if (read == 0) die("a connection ended");
      }
      for (; reported < rounds && got >= (reported + 1) * bytes; ++reported) done();
    }
  }

  int in_, out_;
  const gateway::Issuer& issuer_;
  int poll_;
  crypto::KeyPair key_ = crypto::KeyPair::generate();
  std::vector<int> connections_;
  std::size_t watched_ = 0;
  std::vector<char> buffer_ = std::vector<char>(65'536);
};

/// A process of such clients. It takes commands as Clients::Command and answers one char for each thing done.
inline ChildProcess start_clients(const gateway::Issuer& issuer) {
  return ChildProcess([&](int in, int out) { Clients(in, out, issuer).run(); });
}

}  // namespace nx::bench
