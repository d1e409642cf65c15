#pragma once
// A client's side of the conversation: a ClientConnection that keeps what the session says and asks, a manual clock,
// and a peer that holds keys.

#include <chrono>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "contract/server_frame.hpp"
#include "crypto/base64.hpp"
#include "json/value.hpp"
#include "session/session.hpp"

namespace nx::session {

class RecordingConnection final : public ClientConnection {
 public:
  const SessionOptions& options() const override { return settings; }
  runtime::SteadyTime now() const override { return clock; }
  EpochMs wall_now() const override { return wall; }
  const crypto::KeyPair& server_key() const override { return key; }
  std::string& begin_text(std::size_t text_bytes) override {
    promised.push_back(text_bytes);
    return frames.emplace_back();
  }
  void send_ping() override { ++pings; }
  std::size_t queued_bytes() const override {
    if (!taken) return queued;
    return std::accumulate(promised.begin() + static_cast<std::ptrdiff_t>(*taken), promised.end(), std::size_t{0});
  }
  void held() override { ++holds; }
  void close(const Closing& closing) override { closed = closing; }
  void verify(std::string token, TokenUse use) override { verifies.push_back({std::move(token), use}); }
  void ask_rooms(std::vector<RoomName> rooms, RoomsUse use) override {
    room_questions.push_back({std::move(rooms), use});
  }
  void ask_missed(std::int64_t since, std::size_t limit) override { missed_questions.push_back({since, limit}); }
  bool subscribe(const UserId& user) override {
    subscribed.push_back(user);
    return subscribes_later;
  }
  void opened() override { frames_at_opening = frames.size(); }
  void joined(const RoomName& room) override { events.push_back("+" + room.value); }
  void left(const RoomName& room) override { events.push_back("-" + room.value); }
  void rooms_closed(std::size_t rooms) override { closed_rooms += rooms; }
  bool acknowledged(Acknowledgement what) override {
    if (!takes_acks) return false;
    acks.push_back(std::move(what));
    return true;
  }
  void row_sent(std::int64_t seq) override { rows_sent.push_back(seq); }
  void ignored() override { ++ignored_messages; }
  void refused(auth::AuthError reason) override { refusals.push_back(reason); }

  struct Verify {
    std::string token;
    TokenUse use;
  };
  struct RoomsAsked {
    std::vector<RoomName> rooms;
    RoomsUse use;
  };
  struct MissedAsked {
    std::int64_t since;
    std::size_t limit;
  };

  SessionOptions settings;
  runtime::SteadyTime clock{std::chrono::hours(1)};
  EpochMs wall{1'795'000'000'000};
  crypto::KeyPair key = crypto::KeyPair::generate();
  std::vector<std::string> frames;
  std::vector<std::size_t> promised;
  std::optional<std::size_t> frames_at_opening;
  std::optional<Closing> closed;
  std::vector<Verify> verifies;
  std::vector<RoomsAsked> room_questions;
  std::vector<MissedAsked> missed_questions;
  std::vector<std::string> events;
  std::vector<std::int64_t> rows_sent;
  std::vector<Acknowledgement> acks;
  bool takes_acks = true;
  std::vector<UserId> subscribed;
  bool subscribes_later = false;
  std::size_t queued = 0;
  std::optional<std::size_t> taken;  // set: the frames from here on are what is queued
  int pings = 0;
  int holds = 0;
  int ignored_messages = 0;
  std::size_t closed_rooms = 0;
  std::vector<auth::AuthError> refusals;
};

/// One session and its peer. Helpers take the dialogue to a state; the tests speak from there.
class Dialogue : public testing::Test {
 protected:
  static constexpr UuidBytes kId{0x7b, 0x10, 0x82, 0xa6, 0x7c, 0xe6, 0x46, 0x80,
                                 0xb3, 0x14, 0xf0, 0x38, 0x08, 0x4d, 0x2a, 0xcf};

  void say(std::string_view text) { session.on_message(text); }

  void say_authenticate(const std::string& more = {}) {
    say(R"({"event":"authenticate","data":{"type":"Bearer","token":"t","clientPublicKey":")" + peer.public_base64() +
        "\"" + more + "}}");
  }

  auth::Claims claims(std::chrono::milliseconds life = std::chrono::hours(1)) const {
    auth::Claims out;
    out.user = {UserId{"u1"}, false};
    out.expires_at = EpochMs{connection.wall.value + life.count()};
    return out;
  }

  /// Brings the session to open and derives the peer's keys from `connected`.
  void connect(const std::string& more = {}) {
    say_authenticate(more);
    session.on_verified(TokenUse::handshake, claims());
    ASSERT_TRUE(session.is_open());
    const auto connected = json::parse(connection.frames.at(0));
    ASSERT_TRUE(connected);
    const json::Value& data = *connected->find("data");
    const auto server = crypto::PeerKey::from_base64(data.find("serverPublicKey")->text());
    const auto salt = crypto::base64_decode(data.find("salt")->text());
    auto keys = peer.agree(*server, *salt);
    server_to_client = std::move(keys->server_to_client);
    client_to_server = std::move(keys->client_to_server);
    read = 1;
  }

  /// What the server said since the last call, opened.
  std::vector<std::string> received() {
    std::vector<std::string> out;
    for (; read < connection.frames.size(); ++read) {
      EXPECT_EQ(connection.frames[read].size(), connection.promised[read]);
      const auto frame = json::parse(connection.frames[read]);
      const json::Value* data = frame ? frame->find("data") : nullptr;
      if (data == nullptr || data->find("iv") == nullptr) {
        ADD_FAILURE() << "in clear: " << connection.frames[read];
        continue;
      }
      out.push_back(crypto::open_envelope(server_to_client, data->find("iv")->text(), data->find("ct")->text())
                        .value_or("does not open"));
    }
    return out;
  }

  std::string sealed(const std::string& text) {
    std::string out;
    if (!outbound) outbound.emplace(client_to_server);
    outbound->append_envelope(out, text, {});
    return out;
  }

  /// Moves the clock and runs the deadline if it is due.
  void pass(std::chrono::milliseconds time) {
    connection.clock += time;
    connection.wall.value += time.count();
    if (session.next_deadline() <= connection.clock) session.on_deadline();
  }

  RecordingConnection connection;
  crypto::KeyPair peer = crypto::KeyPair::generate();
  Session session{connection, kId};
  crypto::AesKey server_to_client, client_to_server;
  std::optional<crypto::Sealer> outbound;
  std::size_t read = 0;
};

inline std::string error_text(const char* message) {
  return contract::error_frame(message);
}

}  // namespace nx::session
