// Messages, pings and closes of an open connection.

#include <future>
#include <optional>

#include "component/client/web_socket_fixture.hpp"

namespace nx::client {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kMaxMessage = 16 * kMiB;

TEST_F(WebSocketClient, messages_of_every_length_arrive_whole_in_both_directions) {
  for (const bool secure : {false, true}) {
    const auto echo = [](Peer& peer) {
      peer.upgrade();
      for (Peer::Frame frame = peer.read(); frame.opcode < 8; frame = peer.read()) {
        EXPECT_TRUE(frame.masked);
        EXPECT_EQ(frame.first & 0xf0U, 0x80U);  // whole, without reserved bits
        peer.frame(frame.first, frame.payload);
      }
    };
    const SecureScriptedServer secure_server(echo);
    const ScriptedServer server(echo);
    secure_ = secure;
    trust_.ca_file = secure_server.ca_file();
    auto socket = open(secure ? secure_server.port() : server.port());
    ASSERT_TRUE(socket) << socket.error().message;

    for (const std::size_t size : {std::size_t{0}, std::size_t{125}, std::size_t{126}, std::size_t{65'535},
                                   std::size_t{65'536}, std::size_t{300'000}}) {
      const std::string text(size, 'x');
      ASSERT_TRUE(socket->send(text, soon()));
      EXPECT_EQ(next(*socket), "text " + text) << size;
    }
    ASSERT_TRUE(socket->send("\xff", soon(), WebSocket::Kind::binary));
    EXPECT_EQ(next(*socket), "binary \xff");
  }
}

TEST_F(WebSocketClient, a_message_in_parts_is_sent_as_fragments) {
  std::promise<std::vector<Peer::Frame>> sent;
  const ScriptedServer server([&sent](Peer& peer) {
    peer.upgrade();
    std::vector<Peer::Frame> frames;
    for (int i = 0; i < 4; ++i) frames.push_back(peer.read());
    sent.set_value(frames);
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  ASSERT_TRUE(socket->send("a", soon(), WebSocket::Kind::text, WebSocket::Part::more));
  ASSERT_TRUE(socket->send("", soon(), WebSocket::Kind::text, WebSocket::Part::more));
  ASSERT_TRUE(socket->ping("p", soon()));
  ASSERT_TRUE(socket->send("b", soon()));

  const auto frames = sent.get_future().get();
  const std::vector<std::pair<unsigned, std::string>> expected{{0x01, "a"}, {0x00, ""}, {0x89, "p"}, {0x80, "b"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(frames[i].first, expected[i].first) << i;
    EXPECT_EQ(frames[i].payload, expected[i].second) << i;
  }
}

TEST_F(WebSocketClient, a_character_may_be_split_between_fragments_with_a_ping_between_them) {
  std::promise<Peer::Frame> pong;
  const ScriptedServer server([&pong](Peer& peer) {
    peer.upgrade();
    peer.frame(0x01, "\xc3");
    peer.frame(0x89, "alive");
    peer.frame(0x00, "");
    peer.frame(0x80, "\xa9");
    pong.set_value(peer.read());
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "text é");
  const Peer::Frame answer = pong.get_future().get();
  EXPECT_EQ(answer.first, 0x8aU);
  EXPECT_TRUE(answer.masked);
  EXPECT_EQ(answer.payload, "alive");
}

TEST_F(WebSocketClient, pongs_arrive_in_their_place_among_messages) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.text("1");
    peer.frame(0x8a, "2");
    peer.text("3");
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "text 1");
  EXPECT_EQ(next(*socket), "pong 2");
  EXPECT_EQ(next(*socket), "text 3");
}

TEST_F(WebSocketClient, a_wait_for_a_message_goes_on_after_its_deadline) {
  std::promise<void> waited;
  const ScriptedServer server([&waited](Peer& peer) {
    peer.upgrade();
    peer.write("\x81\x05he");
    waited.get_future().wait();
    peer.write("llo");
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  const auto nothing = socket->receive(within(std::chrono::milliseconds(50)));
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->event, Event::nothing);
  waited.set_value();

  EXPECT_EQ(next(*socket), "text hello");
}

TEST_F(WebSocketClient, a_raised_stop_flag_ends_the_wait_for_a_message) {
  const ScriptedServer server([this](Peer& peer) {
    peer.upgrade();
    peer.read();
    stop_.store(true);
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);
  ASSERT_TRUE(socket->send("go", soon()));

  EXPECT_EQ(next(*socket), "stopped");
}

TEST_F(WebSocketClient, a_message_of_16_mib_is_received_and_one_byte_more_closes_1009_before_it_arrives) {
  std::promise<Peer::Frame> close;
  const ScriptedServer server([&close](Peer& peer) {
    peer.upgrade();
    peer.text(std::string(kMaxMessage, 'x'));
    peer.write(std::string("\x81\x7f\x00\x00\x00\x00\x01\x00\x00\x01", 10));
    close.set_value(peer.read());
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket).size(), kMaxMessage + 5);
  EXPECT_EQ(next(*socket), "error: the server broke RFC 6455: a message over 16 MiB");
  EXPECT_EQ(close.get_future().get().payload, "\x03\xf1");  // 1009
}

TEST_F(WebSocketClient, fragments_of_more_than_16_mib_together_close_1009) {
  std::promise<Peer::Frame> close;
  const ScriptedServer server([&close](Peer& peer) {
    peer.upgrade();
    for (int i = 0; i < 16; ++i) peer.frame(i == 0 ? 0x01 : 0x00, std::string(kMiB, 'x'));
    peer.frame(0x80, "x");
    close.set_value(peer.read());
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "error: the server broke RFC 6455: a message over 16 MiB");
  EXPECT_EQ(close.get_future().get().payload, "\x03\xf1");
}

TEST_F(WebSocketClient, a_server_that_does_not_read_fails_the_send_at_its_deadline) {
  std::promise<void> given_up;
  const ScriptedServer server([&given_up](Peer& peer) {
    peer.upgrade();
    given_up.get_future().wait_for(std::chrono::seconds(20 * kPatience));
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  // More than the kernel's buffers of both sides hold.
  const auto sent = socket->send(std::string(64 * kMiB, 'x'), within(std::chrono::milliseconds(200)));
  given_up.set_value();

  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "the server does not accept the data");
  EXPECT_EQ(next(*socket), "closed 1006 the connection was given up after a time-out");
}

TEST_F(WebSocketClient, a_close_frame_is_received_although_sending_fails_since_the_server_is_gone) {
  std::optional<ScriptedServer> server;
  server.emplace([](Peer& peer) {
    peer.upgrade();
    peer.close(1009, "too big");
    peer.reset_at_end();
  });
  auto socket = open(server->port());
  ASSERT_TRUE(socket);
  server.reset();  // has reset the connection

  EXPECT_TRUE(socket->send(std::string(kMiB, 'x'), soon()));

  EXPECT_EQ(next(*socket), "closed 1009 too big");
}

TEST_F(WebSocketClient, a_close_frame_that_arrives_while_a_message_is_sent_is_no_error_of_the_send) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.close(1001, "going away");
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);
  // Leaves a read under way, which sees the close frame in one of the sends.
  ASSERT_TRUE(socket->receive(within(std::chrono::milliseconds(0))));

  for (int i = 0; i < 100; ++i) ASSERT_TRUE(socket->send("x", soon())) << i;

  EXPECT_EQ(next(*socket), "closed 1001 going away");
}

TEST_F(WebSocketClient, a_connection_that_ends_within_a_message_is_closed_1006) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.write("\x81\x05he");
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "closed 1006 the connection ended without a close frame");
  EXPECT_EQ(next(*socket), "closed 1006 the connection ended without a close frame");
}

}  // namespace
}  // namespace nx::client
