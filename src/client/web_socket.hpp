#pragma once
// The client side of RFC 6455 by Boost.Beast, blocking: connection, TLS, upgrade, messages; pings are answered. No
// extensions. Used by one thread. Shares no code with the server's frames, so that it also checks them.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/stream_url.hpp"
#include "model/result.hpp"
#include "stream/byte_stream.hpp"

namespace nx::client {

using stream::Deadline;

struct Closed {
  std::uint16_t code =
      1005;  // 1005: a close frame without a code; 1006: the connection ended without a close frame (RFC 6455 §7.4.1)
  std::string reason;
};

class WebSocket {
 public:
  /// Connects and upgrades. The error says which step failed; a refusal contains the status line. `stop` is borrowed
  /// for the life of the object and ends open() and receive() early; null: nothing does.
  static Result<WebSocket> open(const StreamUrl& url, const stream::TlsTrust& trust, Deadline deadline,
                                const std::atomic<bool>* stop);
  WebSocket(WebSocket&&) noexcept;
  WebSocket& operator=(WebSocket&&) noexcept;
  ~WebSocket();

  enum class Kind { text, binary };
  enum class Part { last, more };  // more: the message continues with the next part
  /// Sends a part of a message as one frame, even when `stop` is raised: a frame that was begun must not be cut. The
  /// only error is that the deadline passed, which ends the connection. If the connection has ended already, receive()
  /// says how: the close frame of the server may not have been read yet.
  Result<void> send(std::string_view payload, Deadline deadline, Kind kind = Kind::text, Part part = Part::last);
  Result<void> ping(std::string_view payload, Deadline deadline);  // at most 125 bytes

  /// Sends bytes as they are, for frames that a client must not send. The caller sends no message afterwards.
  Result<void> send_raw(std::string_view bytes, Deadline deadline);

  enum class Event { message, pong, closed, nothing, stopped };
  struct Received {
    Event event = Event::nothing;
    std::string message;  // with Event::message the whole message; with Event::pong its payload
    Closed close = {};    // with Event::closed; already answered
    bool binary = false;  // with Event::message
  };
  /// Waits for the next message until `deadline`. A frame that the protocol forbids and a message over 16 MiB are
  /// errors; the server has been told with a close frame.
  Result<Received> receive(Deadline deadline);

  /// Sends a close frame and returns the answer of the server. Messages that arrive before it are dropped; `stop` is
  /// ignored.
  Result<Closed> close(const Closed& close, Deadline deadline);

 private:
  struct State;
  explicit WebSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nx::client
