#pragma once
// A tiny HTTP server on a free loopback port that answers every request with what it was told to. One thread, one
// connection at a time, which it closes after the answer, unless it was told to keep it.

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nx {

class AnsweringServer {
 public:
  explicit AnsweringServer(std::string body) : body_(std::move(body)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, any, size) != 0 || listen(listener_, 64) != 0 || getsockname(listener_, any, &size) != 0) {
      throw std::runtime_error("no loopback port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  AnsweringServer(const AnsweringServer&) = delete;
  AnsweringServer& operator=(const AnsweringServer&) = delete;
  ~AnsweringServer() {
    release();
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

  void answer(std::string body, std::string status = "200 OK", std::string headers = "") {
    const std::lock_guard lock(mutex_);
    body_ = std::move(body);
    status_ = std::move(status);
    headers_ = std::move(headers);
  }

  /// From now on requests are read and left without an answer, until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

  /// From now on a connection is kept until the client closes it, which it must do before this object is destroyed.
  void keep_connections() {
    const std::lock_guard lock(mutex_);
    kept_ = true;
  }
  int connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

  int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// The head of the last request.
  std::string last_request() const {
    const std::lock_guard lock(mutex_);
    return last_request_;
  }
  /// The bodies of all requests, in order.
  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  void await_requests(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return requests_ >= count; });
  }

 private:
  void serve() {
    for (;;) {
      const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      {
        const std::lock_guard lock(mutex_);
        ++connections_;
      }
      while (answer_one(peer)) {
      }
      close(peer);
    }
  }

  /// Returns true if the peer may send another request.
  bool answer_one(int peer) {
    std::string text;
    char buffer[4096];
    for (std::size_t wanted = std::string::npos; text.size() < wanted;) {
      const ssize_t got = recv(peer, buffer, sizeof buffer, 0);
      if (got <= 0) return false;
      text.append(buffer, static_cast<std::size_t>(got));
      if (const std::size_t end = text.find("\r\n\r\n"); end != std::string::npos) wanted = end + 4 + body_size(text);
    }
    const std::size_t head = text.find("\r\n\r\n") + 4;
    std::unique_lock lock(mutex_);
    ++requests_;
    last_request_ = text.substr(0, head);
    bodies_.push_back(text.substr(head));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    const bool kept = kept_;
    const std::string response = "HTTP/1.1 " + status_ + "\r\nContent-Length: " + std::to_string(body_.size()) +
                                 (kept ? "\r\n" : "\r\nConnection: close\r\n") + headers_ + "\r\n" + body_;
    lock.unlock();
    for (std::size_t sent = 0; sent < response.size();) {
      const ssize_t count = send(peer, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return kept;
  }

  static std::size_t body_size(const std::string& request) {
    constexpr std::string_view kName = "Content-Length: ";
    const std::size_t at = request.find(kName);
    return at == std::string::npos ? 0 : std::stoul(request.substr(at + kName.size()));
  }

  int listener_ = -1;
  unsigned port_ = 0;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::string body_;
  std::string status_ = "200 OK";
  std::string headers_;
  bool held_ = false;
  bool kept_ = false;
  int connections_ = 0;
  int requests_ = 0;
  std::string last_request_;
  std::vector<std::string> bodies_;
  std::thread thread_;
};

}  // namespace nx
