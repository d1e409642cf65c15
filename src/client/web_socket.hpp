#pragma once
// The client side of RFC 6455 for a program that may wait: upgrade, masked frames out, messages in, pings answered. No
// extensions. Used by one thread.

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
  /// Sends the upgrade and checks the answer. A refusal names the status line and the start of the body.
  static Result<WebSocket> open(ByteStream stream, const StreamUrl& url, Deadline deadline);

  Result<void> send_text(std::string_view message, Deadline deadline);

  enum class Mask { fresh, none };  // none: which the protocol forbids a client
  /// Any frame, also one that the protocol forbids. `first` is its first byte: FIN, reserved bits, opcode.
  Result<void> send_frame(std::uint8_t first, std::string_view payload, Mask mask, Deadline deadline);

  enum class Event { message, pong, closed, nothing, stopped };
  struct Received {
    Event event = Event::nothing;
    std::string message;  // of Event::message, whole; of Event::pong what it bears
    Closed close = {};    // of Event::closed; already answered
    bool binary = false;  // of Event::message
  };
  /// Waits until `deadline` for the next message. Returns with `nothing` also after a ping (answered), so that a peer
  /// that sends nothing else can not keep the caller from its own duties. A frame that the protocol forbids is
  /// an error.
  Result<Received> receive(Deadline deadline);

  /// Says goodbye and waits for the answer; what fails here does not matter any more.
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
  std::string input_;    // bytes not yet taken as frames, ≤ one frame + one read
  std::string message_;  // fragments so far
  bool fragmented_ = false;
  bool binary_ = false;  // what the first fragment was
};

}  // namespace nx::client
