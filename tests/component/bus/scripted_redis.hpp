#pragma once
// A server that answers as a script says: for what a real Redis says too seldom to be waited for.

#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "redis/resp_reader.hpp"

namespace nx::bus::testing {

using Words = std::vector<std::string>;

class ScriptedRedis {
 public:
  /// The bytes that answer a command; called on the server's thread. `number` counts connections from 1.
  using Script = std::function<std::string(const Words& command, int number)>;

  explicit ScriptedRedis(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(::listen(listener_, 16), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedRedis() {
    stopping_ = true;
    thread_.join();
    for (const auto& client : clients_) ::close(client->fd);
    ::close(listener_);
  }
  ScriptedRedis(const ScriptedRedis&) = delete;
  ScriptedRedis& operator=(const ScriptedRedis&) = delete;

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  static std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }
  /// The confirmations of SUBSCRIBE or PSUBSCRIBE, as an aggregate of `type` (`*` in RESP2, `>` in RESP3).
  static std::string confirmed(const Words& command, char type) {
    std::string out;
    for (std::size_t i = 1; i < command.size(); ++i) {
      out += std::string(1, type) + "3\r\n" + bulk(command[0] == "SUBSCRIBE" ? "subscribe" : "psubscribe") +
             bulk(command[i]) + ":" + std::to_string(i) + "\r\n";
    }
    return out;
  }
  static std::string message(const std::string& channel, const std::string& text, char type) {
    return std::string(1, type) + "3\r\n" + bulk("message") + bulk(channel) + bulk(text);
  }
  /// To every connection that has subscribed, from within the script: how probes come back.
  void push(const std::string& bytes) {
    for (const auto& client : clients_) {
      if (client->subscribed) send(*client, bytes);
    }
  }
  /// The same, from the test's thread: soon.
  void push_soon(std::string bytes) {
    const std::lock_guard lock(mutex_);
    soon_.push_back(std::move(bytes));
  }

 private:
  struct Client {
    int fd = -1;
    int number = 0;
    bool subscribed = false;
    redis::RespReader reader;
  };

  static void send(const Client& client, const std::string& bytes) {
    // A client that has just closed its end is not the server's fault.
    EXPECT_TRUE(::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0 || errno == EPIPE ||
                errno == ECONNRESET);
  }
  void serve() {
    while (!stopping_) {
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& bytes : soon_) push(bytes);
        soon_.clear();
      }
      std::vector<pollfd> ready{{listener_, POLLIN, 0}};
      for (const auto& client : clients_) ready.push_back({client->fd, POLLIN, 0});
      if (::poll(ready.data(), ready.size(), 20) <= 0) continue;
      for (std::size_t i = ready.size() - 1; i > 0; --i) {
        if (ready[i].revents != 0 && !take(*clients_[i - 1])) {
          ::close(ready[i].fd);
          clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i) - 1);
        }
      }
      if (ready[0].revents == 0) continue;
      clients_.push_back(std::make_unique<Client>());
      clients_.back()->fd = ::accept(listener_, nullptr, nullptr);
      clients_.back()->number = ++accepted_;
    }
  }
  bool take(Client& client) {
    const auto space = client.reader.space(4'096);
    const ssize_t got = ::recv(client.fd, space.data(), space.size(), 0);
    if (got <= 0) return false;
    client.reader.took(static_cast<std::size_t>(got));
    for (;;) {
      const auto value = client.reader.next();
      if (!value || !*value) return value.has_value();
      Words command;
      for (std::uint32_t i = 0; i < (*value)->size(); ++i) command.emplace_back((*value)->at(i).text());
      client.subscribed = client.subscribed || command[0] == "SUBSCRIBE";
      const std::string answer = script_(command, client.number);
      if (answer == "close") return false;
      send(client, answer);
    }
  }

  const Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  int accepted_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // guards soon_
  std::vector<std::string> soon_;
  std::vector<std::unique_ptr<Client>> clients_;  // the server's thread
  std::thread thread_;
};

}  // namespace nx::bus::testing
