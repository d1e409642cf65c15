#pragma once
// One WebSocket connection of a fact: sends what the fact requires, and throws Differs when the server answers
// differently. Used by one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/client_keys.hpp"
#include "client/conform/raw_frame.hpp"
#include "client/conform/target.hpp"
#include "client/web_socket.hpp"

namespace nx::client::conform {

inline constexpr std::string_view kNotJson = "{no JSON";
inline constexpr std::string_view kNotJsonAnswer = R"({"event":"error","data":{"message":"Invalid message format"}})";

/// `{"event":"error","data":{"message":…}}`
std::string error_frame(std::string_view message);

class Probe {
 public:
  explicit Probe(const Target& target);

  // An error of these is ignored: if the server has already closed, the next receive shows it.
  void say(std::string_view text) { (void)socket_.send(text, target_.soon()); }
  void say_binary(std::string_view bytes) { (void)socket_.send(bytes, target_.soon(), WebSocket::Kind::binary); }
  void say_part(std::string_view text, WebSocket::Part part = WebSocket::Part::more) {
    (void)socket_.send(text, target_.soon(), WebSocket::Kind::text, part);
  }
  void ping(std::string_view payload) { (void)socket_.ping(payload, target_.soon()); }
  /// Sends a frame that a client must not send.
  void say_forbidden(std::uint8_t first, std::string_view payload, Mask mask = Mask::constant) {
    (void)socket_.send_raw(raw_frame(first, payload, mask), target_.soon());
  }

  /// Returns the next message, which must be text. `awaited` is the expectation shown in a finding.
  std::string receive(std::string_view awaited = "a text message");
  void expect(std::string_view message) { demand_message(message, receive(message)); }
  std::string expect_pong();
  void expect_close(std::uint16_t code, std::optional<std::string_view> reason = std::nullopt);
  /// Closes, and expects a close frame with the same code as the answer.
  void expect_close_answered(const Closed& close);
  /// Expects an error frame with `message`, then the close.
  void expect_refusal(std::string_view message, std::uint16_t code, std::string_view reason);
  /// Expects no message for this time.
  void expect_silence(std::chrono::milliseconds length);
  /// Expects no answer to the messages since the last answer: sends invalid JSON and expects its error as the next
  /// message.
  void expect_unanswered();

 private:
  static void demand_message(std::string_view expected, std::string_view got);
  WebSocket::Received next(std::string_view awaited, Deadline deadline);

  const Target& target_;
  WebSocket socket_;
};

/// The members of `authenticate`; empty ones are left out.
struct Login {
  std::string token;
  std::optional<std::string> type = R"("Bearer")";    // JSON
  std::optional<std::string> client_public_key = {};  // JSON; std::nullopt: the public key of a new pair
  std::string more = {};                              // further members, e.g. `,"since":0`
};

/// An authenticated probe with its keys.
class Member {
 public:
  Member(const Target& target, const Login& login);

  Probe& probe() { return probe_; }
  const std::string& connected() const { return connected_; }  // the frame
  std::string connected_text(std::string_view member) const;   // a member of its data, as JSON

  void say(std::string_view text) { probe_.say(text); }
  /// Sends `text` in an envelope under the client's own key. Returns the envelope, so that it can be repeated.
  std::string say_sealed(std::string_view text);

  /// Returns the decrypted content of the next message, which must be an envelope.
  std::string receive(std::string_view awaited = "a text message");
  /// The envelope that receive() decrypted last.
  const std::string& envelope() const { return envelope_; }
  void expect(std::string_view message);
  void expect_unanswered();

 private:
  Probe probe_;
  ClientKeys keys_;
  std::string connected_, envelope_;
  std::optional<FrameKey> inbound_, outbound_;
};

/// `{"event":"authenticate","data":{…}}`
std::string authenticate_message(const Login& login, std::string_view public_key);

}  // namespace nx::client::conform
