#include <future>

#include <gmock/gmock.h>

#include "client/base64.hpp"
#include "component/client/listen_fixture.hpp"
#include "json/value.hpp"

namespace nx::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Listen, prints_connected_and_each_opened_frame_in_order) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    peer.sealed(R"({"event":"a","data":{"n":1},"seq":9007199254740993})");
    peer.sealed(R"({"event":"b","data":"é"})");
    peer.close(1000, "bye");
    peer.read();
  });

  EXPECT_EQ(run(server), 0);

  EXPECT_THAT(lines_,
              ElementsAre(StartsWith(R"({"event":"connected","data":{"id":"c1","userId":"u1")"),
                          R"({"event":"a","data":{"n":1},"seq":9007199254740993})", R"({"event":"b","data":"é"})"));
  EXPECT_EQ(complaint_, "");
}

TEST_F(Listen, authenticates_with_token_key_and_since_then_joins) {
  std::promise<std::string> authenticate, join;
  const ScriptedServer server([&](Peer& peer) {
    authenticate.set_value(peer.shake_hands());
    const auto frame = peer.read();
    EXPECT_TRUE(frame.masked);
    join.set_value(frame.payload);
    peer.close(1000, "");
    peer.read();
  });
  options_.rooms = {"org:lantern", "merchant:harbour"};
  options_.since = 7;

  EXPECT_EQ(run(server), 0);

  const auto sent = json::parse(authenticate.get_future().get());
  ASSERT_TRUE(sent.has_value());
  EXPECT_EQ(sent->find("event")->text(), "authenticate");
  EXPECT_EQ(sent->find("data")->find("type")->text(), "Bearer");
  EXPECT_EQ(sent->find("data")->find("token")->text(), "the-token");
  EXPECT_EQ(sent->find("data")->find("since")->as_int64(), 7);
  EXPECT_EQ(from_base64(sent->find("data")->find("clientPublicKey")->text())->size(), 65U);
  EXPECT_EQ(join.get_future().get(), R"({"event":"join","data":{"rooms":["org:lantern","merchant:harbour"]}})");
}

TEST_F(Listen, asks_for_the_path_with_the_headers_of_an_upgrade) {
  std::promise<std::string> head;
  const ScriptedServer server([&head](Peer& peer) {
    head.set_value(peer.upgrade());
    peer.close(1000, "");
    peer.read();
  });

  EXPECT_EQ(run(server), 0);

  const std::string sent = head.get_future().get();
  EXPECT_THAT(sent, StartsWith("GET /stream HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(sent, HasSubstr("Upgrade: websocket\r\nConnection: upgrade\r\n"));
  EXPECT_THAT(sent, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
}

TEST_F(Listen, stopping_says_goodbye_and_is_no_failure) {
  std::promise<Peer::Frame> last;
  const ScriptedServer server([&last](Peer& peer) {
    peer.shake_hands();
    Peer::Frame frame = peer.read();
    peer.close(1000, "");
    last.set_value(frame);
  });
  stop_when_printed_ = "connected";

  EXPECT_EQ(run(server), 0);

  const auto frame = last.get_future().get();
  EXPECT_EQ(frame.opcode, 8U);
  EXPECT_EQ(frame.payload, std::string("\x03\xe8"));
}

TEST_F(Listen, stopping_ends_although_the_server_does_not_answer_the_close) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    while (peer.read().opcode != 0xff) {
    }
  });
  stop_when_printed_ = "connected";

  EXPECT_EQ(run(server), 0);
}

TEST_F(Listen, sends_heartbeats) {
  std::promise<std::string> second;
  const ScriptedServer server([&second](Peer& peer) {
    peer.shake_hands();
    peer.read();
    second.set_value(peer.read().payload);
    peer.close(1000, "");
    peer.read();
  });
  options_.heartbeat = std::chrono::milliseconds(20);

  EXPECT_EQ(run(server), 0);

  EXPECT_EQ(second.get_future().get(), R"({"event":"heartbeat"})");
}

TEST_F(Listen, sends_heartbeats_while_messages_never_cease) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    // The writer floods until the reader has seen a heartbeat; the client is never without input.
    std::atomic<bool> received{false};
    std::thread reader([&] {
      while (peer.read().payload != R"({"event":"heartbeat"})") {
      }
      received.store(true);
    });
    while (!received.load()) peer.frame(0x8a, "pong");
    reader.join();
    peer.close(1000, "");
    // Another heartbeat may come before the answer; who hangs up on unread bytes resets the connection.
    while (peer.read().opcode < 8) {
    }
  });
  options_.heartbeat = std::chrono::milliseconds(50);

  EXPECT_EQ(run(server), 0);
}

TEST_F(Listen, answers_pings_and_puts_fragments_together) {
  std::promise<Peer::Frame> pong;
  const ScriptedServer server([&pong](Peer& peer) {
    peer.upgrade();
    peer.read();
    peer.frame(0x01, R"({"event":"err)");
    peer.frame(0x89, "are you there");
    peer.frame(0x80, R"(or","data":{"message":"pieces"}})");
    pong.set_value(peer.read());
    peer.close(1000, "");
    peer.read();
  });

  EXPECT_EQ(run(server), 0);

  EXPECT_THAT(lines_, ElementsAre(R"({"event":"error","data":{"message":"pieces"}})"));
  const auto frame = pong.get_future().get();
  EXPECT_EQ(frame.opcode, 10U);
  EXPECT_EQ(frame.payload, "are you there");
}

}  // namespace
}  // namespace nx::client
