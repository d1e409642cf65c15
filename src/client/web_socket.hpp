#pragma once
// The client side of RFC 6455, blocking: upgrade, masked frames, messages; pings are answered. No extensions. Used by
// one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/stream_url.hpp"
#include "model/result.hpp"
#include "stream/byte_stream.hpp"

namespace nx::client {

using stream::ByteStream;
using stream::Deadline;

struct Closed {
  std::uint16_t code =
      1005;  // 1005: a close frame without a code; 1006: the connection ended without a close frame (RFC 6455 §7.4.1)
  std::string reason;
};

class WebSocket {
 public:
  /// Sends the upgrade request and checks the answer. A refusal contains the status line and the beginning of the body.
  static Result<WebSocket> open(ByteStream stream, const StreamUrl& url, Deadline deadline);

  Result<void> send_text(std::string_view message, Deadline deadline);

  enum class Mask { fresh, none };  // none: forbidden for a client, to test the server
  /// Sends any frame, even one that the protocol forbids. `first` is its first byte: FIN, reserved bits, opcode.
  Result<void> send_frame(std::uint8_t first, std::string_view payload, Mask mask, Deadline deadline);

  enum class Event { message, pong, closed, nothing, stopped };
  struct Received {
    Event event = Event::nothing;
    std::string message;  // with Event::message the whole message; with Event::pong its payload
    Closed close = {};    // with Event::closed; already answered
    bool binary = false;  // with Event::message
  };
  /// Waits for the next message until `deadline`. Also returns `nothing` after each ping (which it has answered), so
  /// that a peer that sends only pings can not keep the caller from its other work. A frame that the protocol forbids
  /// is an error.
  Result<Received> receive(Deadline deadline);

  /// Sends a close frame and waits for the answer; errors are ignored.
  void close(std::uint16_t code, Deadline deadline);

 private:
  explicit WebSocket(ByteStream stream) : stream_(std::move(stream)) {}
  struct Frame {
    std::uint8_t opcode = 0;
    bool last = false;
    std::string payload;
  };
  Result<std::optional<Frame>> take_frame();

  ByteStream stream_;
  std::string input_;    // bytes not yet parsed, at most one frame and one read
  std::string message_;  // the fragments so far
  bool fragmented_ = false;
  bool binary_ = false;  // type of the first fragment
};

}  // namespace nx::client
