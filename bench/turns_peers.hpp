#pragma once
// The other end of bench/turns, each in a process of its own: one client that asks `ping` again and again and knows its
// longest wait for `pong`, and a storm of sockets that all send what was made ready for them at once.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <poll.h>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

#include "fan_out_clients.hpp"

namespace nx::bench {

inline const std::string kUpgrade =
    "GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A blocking client, plain or under TLS, that understands server frames by their length alone.
class PingClient {
 public:
  PingClient(std::uint16_t port, bool tls)
      : fd_(connect_to(port)), context_(nullptr, &SSL_CTX_free), tls_(nullptr, &SSL_free) {
    if (!tls) return;
    context_.reset(SSL_CTX_new(TLS_client_method()));
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), fd_);
    if (SSL_connect(tls_.get()) != 1) die("TLS");
  }

  void open(const std::string& token, const std::string& public_key) {
    send(kUpgrade);
    while (input_.find("\r\n\r\n") == std::string::npos) fill();
    input_.erase(0, input_.find("\r\n\r\n") + 4);
    send(masked_text(R"({"event":"authenticate","data":{"token":")" + token + R"(","clientPublicKey":")" + public_key +
                     R"("}})"));
    read_frame();
  }

  std::chrono::microseconds ping() {
    const auto begin = std::chrono::steady_clock::now();
    send(std::string("\x81\x90\0\0\0\0{\"event\":\"ping\"}", 22));
    while (read_frame() > 1'000) {  // what everybody is sent
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  }

 private:
  void send(const std::string& bytes) {
    if (!tls_) return write_all(fd_, bytes);
    if (SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) die("SSL_write");
  }
  void fill() {
    std::array<char, 65'536> buffer;
    const long got = tls_ ? SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()))
                          : ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) std::_Exit(0);  // the case is over; before it the other end of the pipe notices
    input_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  std::size_t read_frame() {
    for (;;) {
      const auto byte = [this](std::size_t at) { return std::size_t{static_cast<unsigned char>(input_[at])}; };
      std::size_t header = input_.size() < 2 || byte(1) < 126 ? 2 : byte(1) == 126 ? 4 : 10;
      if (input_.size() >= header) {
        std::size_t length = byte(1);
        if (header > 2) length = 0;
        for (std::size_t i = 2; i < header; ++i) length = length << 8U | byte(i);
        if (input_.size() >= header + length) {
          input_.erase(0, header + length);
          return length;
        }
      }
      fill();
    }
  }

  int fd_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  std::string input_;
};

/// How long the kernel has let a thread of the parent wait for a core while it was ready to run.
class CoreWait {
 public:
  explicit CoreWait(const std::string& thread) {
    const std::filesystem::path tasks = "/proc/" + std::to_string(::getppid()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
      std::string name;
      std::getline(std::ifstream(task.path() / "comm"), name);
      if (name == thread) fd_ = ::open((task.path() / "schedstat").c_str(), O_RDONLY | O_CLOEXEC);
    }
    if (fd_ < 0) die("the shard's thread is not found");
  }
  std::chrono::microseconds so_far() const {
    std::array<char, 96> text{};
    long long ran = 0;
    long long waited = 0;
    if (::pread(fd_, text.data(), text.size() - 1, 0) <= 0) std::_Exit(0);  // the case is over: the thread has ended
    if (std::sscanf(text.data(), "%lld %lld", &ran, &waited) != 2) die("schedstat");
    return std::chrono::microseconds(waited / 1'000);
  }

 private:
  int fd_ = -1;
};

/// The longest of many waits for `pong`, and the longest when what the shard waited for a core is taken off each.
struct Longest {
  std::chrono::microseconds wait{0};
  std::chrono::microseconds by_the_program{0};
  void add(std::chrono::microseconds took, std::chrono::microseconds for_a_core) {
    wait = std::max(wait, took);
    by_the_program = std::max(by_the_program, took - std::min(took, for_a_core));
  }
};

/// Pings until its pipe ends. Each byte on the pipe is answered with the longest waits since the last. It runs before
/// everything else on its core, where it may: what it measures is the program, not its own wait for a core.
inline void run_pinger(int in, int out, const gateway::Issuer& issuer, bool tls) {
  std::uint16_t port = 0;
  if (::read(in, &port, sizeof port) != sizeof port) return;
  const sched_param first{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_FIFO, &first);
  const crypto::KeyPair key = crypto::KeyPair::generate();
  PingClient client(port, tls);
  client.open(issuer.token("\"pinger\""), key.public_base64());
  const CoreWait shard("shard-0");
  Longest longest;
  for (;;) {
    const auto before = shard.so_far();
    const auto took = client.ping();
    longest.add(took, shard.so_far() - before);
    pollfd poll{in, POLLIN, 0};
    if (::poll(&poll, 1, 1) != 1) continue;
    char byte = 0;
    if (::read(in, &byte, 1) != 1) return;
    if (::write(out, &longest, sizeof longest) != sizeof longest) return;
    longest = {};
  }
}

/// What a storm is made of, and when it is over.
struct StormPlan {
  std::uint16_t port = 0;
  std::size_t sockets = 0;
  bool upgraded = false;                             // each is upgraded while the storm is made ready
  std::function<std::string(std::size_t)> bytes_of;  // what a socket sends
  std::size_t bytes_each = 1;                        // over when every socket was sent so much, or was ended
};

class Storm {
 public:
  explicit Storm(const StormPlan& plan) : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < plan.sockets; ++i) {
      Peer peer{.fd = connect_to(plan.port), .bytes = plan.bytes_of(i)};
      if (plan.upgraded) {
        write_all(peer.fd, kUpgrade);
        read_until(peer.fd, "\r\n\r\n");
      }
      ::fcntl(peer.fd, F_SETFL, O_NONBLOCK);
      peers_.push_back(std::move(peer));
    }
  }
  ~Storm() {
    for (const Peer& peer : peers_) ::close(peer.fd);
    ::close(poll_);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  void go() {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = i}};
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, peers_[i].fd, &event);
    }
    std::array<epoll_event, 256> events;
    for (std::size_t over = 0; over < peers_.size();) {
      const int n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; ++i) over += serve(peers_[events[static_cast<std::size_t>(i)].data.u64]) ? 1 : 0;
    }
  }

 private:
  struct Peer {
    int fd = -1;
    std::string bytes;
    std::size_t sent = 0;
    std::size_t got = 0;
    bool over = false;
  };

  /// True when it is over with this event.
  bool serve(Peer& peer) {
    while (peer.sent < peer.bytes.size()) {
      const ssize_t n = ::send(peer.fd, peer.bytes.data() + peer.sent, peer.bytes.size() - peer.sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      peer.sent += static_cast<std::size_t>(n);
      if (peer.sent < peer.bytes.size()) continue;
      epoll_event event{.events = EPOLLIN, .data = {.u64 = static_cast<std::uint64_t>(&peer - peers_.data())}};
      ::epoll_ctl(poll_, EPOLL_CTL_MOD, peer.fd, &event);
    }
    const ssize_t n = ::recv(peer.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (n > 0) peer.got += static_cast<std::size_t>(n);
    const bool ended = n == 0 || (n < 0 && errno != EAGAIN);
    if (ended) ::epoll_ctl(poll_, EPOLL_CTL_DEL, peer.fd, nullptr);
    if (peer.over || (!ended && peer.got < plan_.bytes_each)) return false;
    return peer.over = true;
  }

  const StormPlan& plan_;
  int poll_;
  std::vector<Peer> peers_;
  std::vector<char> buffer_ = std::vector<char>(65'536);
};

/// Makes the storm ready, says so, waits for the word, and says when it is over. Once.
inline void run_storm(int in, int out, StormPlan plan) {
  if (::read(in, &plan.port, sizeof plan.port) != sizeof plan.port) return;
  Storm storm(plan);
  char byte = 'r';
  if (::write(out, &byte, 1) != 1 || ::read(in, &byte, 1) != 1) return;
  storm.go();
  if (::write(out, &byte, 1) != 1 || ::read(in, &byte, 1) != 1) return;
}

}  // namespace nx::bench
