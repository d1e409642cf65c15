#pragma once
// One WebSocket connection of a fact: says what the fact says, and throws Differs where the server does otherwise.
// Used by one thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/client_keys.hpp"
#include "client/conform/target.hpp"
#include "client/web_socket.hpp"

namespace nx::client::conform {

/// First bytes of frames (RFC 6455 §5.2).
enum First : std::uint8_t {
  kWholeText = 0x81,
  kWholeBinary = 0x82,
  kFirstOfText = 0x01,
  kLastPart = 0x80,
  kCloseFrame = 0x88,
  kPingFrame = 0x89,
};

inline constexpr std::string_view kNotJson = "{no JSON";
inline constexpr std::string_view kNotJsonAnswer = R"({"event":"error","data":{"message":"Invalid message format"}})";

/// `{"event":"error","data":{"message":…}}`
std::string error_frame(std::string_view message);

class Probe {
 public:
  explicit Probe(const Target& target);

  void say(std::string_view text) { frame(kWholeText, text); }
  void frame(std::uint8_t first, std::string_view payload, WebSocket::Mask mask = WebSocket::Mask::fresh);

  /// The next message, which has to come, as text. `awaited` is what a finding says was expected.
  std::string receive(std::string_view awaited = "a text message");
  void expect(std::string_view message) { demand_message(message, receive(message)); }
  std::string expect_pong();
  Closed hear_close();
  void expect_close(std::uint16_t code, std::optional<std::string_view> reason = std::nullopt);
  /// `message`, then the close.
  void expect_refusal(std::string_view message, std::uint16_t code, std::string_view reason);
  /// Nothing comes for that long.
  void expect_silence(std::chrono::milliseconds length);
  /// What was said since the last answer got none: the next that is received is the answer to what is no JSON.
  void expect_unanswered();

 private:
  static void demand_message(std::string_view expected, std::string_view got);
  WebSocket::Received next(std::string_view awaited, Deadline deadline);

  const Target& target_;
  WebSocket socket_;
};

/// What `authenticate` says; what is empty is left out.
struct Login {
  std::string token;
  std::optional<std::string> type = R"("Bearer")";    // JSON
  std::optional<std::string> client_public_key = {};  // JSON; none: a fresh key's
  std::string more = {};                              // further members, `,"since":0`
};

/// A probe that has been let in, with its keys.
class Member {
 public:
  Member(const Target& target, const Login& login);

  Probe& probe() { return probe_; }
  const std::string& connected() const { return connected_; }  // the frame
  std::string connected_text(std::string_view member) const;   // a member of its data, as JSON

  void say(std::string_view text) { probe_.say(text); }
  /// Inside an envelope under the client's own key. The envelope, so that it can be repeated.
  std::string say_sealed(std::string_view text);

  /// The next message, which has to be an envelope that opens: what is inside.
  std::string receive(std::string_view awaited = "a text message");
  /// The envelope that receive() opened last.
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
