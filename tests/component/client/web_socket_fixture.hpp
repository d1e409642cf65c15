#pragma once
// The WebSocket client against a server with a script.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/web_socket.hpp"
#include "component/client/scripted_server.hpp"
#include "patience.hpp"

namespace nx::client {

class WebSocketClient : public testing::Test {
 protected:
  using Event = WebSocket::Event;

  static Deadline within(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }
  static Deadline soon() { return within(std::chrono::seconds(kPatience)); }

  Result<WebSocket> open(int port, Deadline deadline = soon()) {
    return WebSocket::open({secure_, "127.0.0.1", static_cast<std::uint16_t>(port), "/stream?v=1"}, trust_, deadline,
                           &stop_);
  }
  /// The error that opening ends with, or "opened".
  std::string refusal(int port, Deadline deadline = soon()) {
    const auto opened = open(port, deadline);
    return opened ? "opened" : opened.error().message;
  }
  /// The next message, or what came instead of it.
  static std::string next(WebSocket& socket) {
    const auto received = socket.receive(soon());
    if (!received) return "error: " + received.error().message;
    switch (received->event) {
      case Event::message:
        return (received->binary ? "binary " : "text ") + received->message;
      case Event::pong:
        return "pong " + received->message;
      case Event::closed:
        return "closed " + std::to_string(received->close.code) + " " + received->close.reason;
      case Event::nothing:
        return "nothing";
      case Event::stopped:
        return "stopped";
    }
    return "";
  }

  bool secure_ = false;
  stream::TlsTrust trust_;
  std::atomic<bool> stop_{false};
};

/// Reads any bytes until the client has ended the connection.
inline void read_all(Peer& peer) {
  while (peer.read_byte()) {
  }
}

}  // namespace nx::client
