// Close frames, and the frames of a server that RFC 6455 forbids.

#include <future>

#include "component/client/web_socket_fixture.hpp"

namespace nx::client {
namespace {

using WebSocketCloseTest = WebSocketClient;

std::string close_payload(unsigned code, const std::string& reason) {
  return std::string{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)} + reason;
}

struct Forbidden {
  const char* name;
  std::vector<std::string> bytes;
  std::string error;
  unsigned code;  // sent to the server
};

class WebSocketCloseAtForbiddenFrames : public WebSocketClient, public testing::WithParamInterface<Forbidden> {};

TEST_P(WebSocketCloseAtForbiddenFrames, are_an_error_and_close_the_connection_with_a_code) {
  std::promise<Peer::Frame> answer;
  const ScriptedServer server([&answer](Peer& peer) {
    peer.upgrade();
    for (const std::string& bytes : GetParam().bytes) peer.write(bytes);
    answer.set_value(peer.read());
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "error: the server broke RFC 6455: " + GetParam().error);

  const Peer::Frame close = answer.get_future().get();
  EXPECT_EQ(close.first, 0x88U);
  EXPECT_EQ(close.payload, close_payload(GetParam().code, ""));
}

const std::string kTwoBytesOfLength("\x81\x7e\x00\x01x", 5);
const std::string kEightBytesOfLength("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x01x", 11);

INSTANTIATE_TEST_SUITE_P(
    Rfc6455, WebSocketCloseAtForbiddenFrames,
    testing::Values(
        Forbidden{"masked", {std::string("\x81\x81\x01\x02\x03\x04x")}, "a masked frame (§5.1)", 1002},
        Forbidden{"reserved_bit", {"\xc1\x01x"}, "a reserved bit without an extension (§5.2)", 1002},
        Forbidden{"reserved_bit_of_a_ping", {"\xa9\x01x"}, "a reserved bit without an extension (§5.2)", 1002},
        Forbidden{"unknown_opcode", {"\x83\x01x"}, "an unknown opcode (§5.2)", 1002},
        Forbidden{"unknown_control_opcode", {"\x8b\x01x"}, "an unknown opcode (§5.2)", 1002},
        Forbidden{"continuation_of_nothing", {"\x80\x01x"}, "fragments out of order (§5.4)", 1002},
        Forbidden{"text_within_text", {"\x01\x01x", "\x81\x01x"}, "fragments out of order (§5.4)", 1002},
        Forbidden{"fragmented_ping", {"\x09\x01x"}, "a long or fragmented control frame (§5.5)", 1002},
        Forbidden{"long_ping",
                  {std::string("\x89\x7e\x00\x7e", 4) + std::string(126, 'x')},
                  "a long or fragmented control frame (§5.5)",
                  1002},
        Forbidden{"length_in_two_bytes", {kTwoBytesOfLength}, "a length in more bytes than it needs (§5.2)", 1002},
        Forbidden{"length_in_eight_bytes", {kEightBytesOfLength}, "a length in more bytes than it needs (§5.2)", 1002},
        Forbidden{"length_over_63_bits",
                  {std::string("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10)},
                  "a message over 16 MiB",
                  1009},
        Forbidden{"no_utf8", {"\x81\x01\xff"}, "a text message that is not UTF-8 (§8.1)", 1007},
        Forbidden{"surrogate", {"\x81\x03\xed\xa0\x80"}, "a text message that is not UTF-8 (§8.1)", 1007},
        Forbidden{"half_a_character", {"\x01\x01\xc3", "\x80\x01x"}, "a text message that is not UTF-8 (§8.1)", 1007},
        Forbidden{"close_of_one_byte", {"\x88\x01\x03"}, "a close frame of one byte (§5.5.1)", 1002},
        Forbidden{
            "close_reason_not_utf8", {"\x88\x03\x03\xe8\xff"}, "a close reason that is not UTF-8 (§5.5.1)", 1002}),
    [](const auto& one) { return one.param.name; });

class WebSocketCloseCodes : public WebSocketClient, public testing::WithParamInterface<unsigned> {};

TEST_P(WebSocketCloseCodes, of_the_server_are_reported_with_their_reason_and_answered) {
  std::promise<Peer::Frame> answer;
  const ScriptedServer server([&answer](Peer& peer) {
    peer.upgrade();
    peer.close(GetParam(), "über");
    answer.set_value(peer.read());
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "closed " + std::to_string(GetParam()) + " über");
  EXPECT_EQ(answer.get_future().get().payload, close_payload(GetParam(), ""));
}
INSTANTIATE_TEST_SUITE_P(Rfc6455, WebSocketCloseCodes,
                         testing::Values(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4001, 4002,
                                         4003, 4004, 4005, 4999));

class WebSocketCloseForbiddenCodes : public WebSocketClient, public testing::WithParamInterface<unsigned> {};

TEST_P(WebSocketCloseForbiddenCodes, are_an_error) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.close(GetParam(), "");
    peer.read();
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "error: the server broke RFC 6455: a close code that must not be sent (§7.4)");
}
INSTANTIATE_TEST_SUITE_P(Rfc6455, WebSocketCloseForbiddenCodes, testing::Values(0, 999, 1004, 1005, 1006, 1015, 2999));

TEST_F(WebSocketCloseTest, a_close_without_a_code_is_reported_as_1005) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.frame(0x88, "");
    peer.read();
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  EXPECT_EQ(next(*socket), "closed 1005 ");
}

TEST_F(WebSocketCloseTest, closing_drops_messages_and_returns_the_answer_of_the_server) {
  std::promise<Peer::Frame> close;
  const ScriptedServer server([&close](Peer& peer) {
    peer.upgrade();
    close.set_value(peer.read());
    peer.text("late");
    peer.frame(0x89, "ping");
    peer.close(4321, "bye too");
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);
  ASSERT_TRUE(socket->receive(within(std::chrono::milliseconds(20))));  // the read is left under way

  const auto answer = socket->close({1000, "bye"}, soon());

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->code, 4321);
  EXPECT_EQ(answer->reason, "bye too");
  EXPECT_EQ(close.get_future().get().payload, close_payload(1000, "bye"));
  EXPECT_FALSE(socket->close({1000, ""}, soon()));
}

TEST_F(WebSocketCloseTest, a_close_that_is_not_answered_ends_at_its_deadline) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  const auto answer = socket->close({1000, ""}, within(std::chrono::milliseconds(50)));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "no answer to the close in time");
}

TEST_F(WebSocketCloseTest, a_close_is_waited_for_although_the_stop_flag_is_raised) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.read();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));  // more than two looks at the flag
    peer.close(1000, "");
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);
  stop_.store(true);

  EXPECT_TRUE(socket->close({1000, ""}, soon()));
}

TEST_F(WebSocketCloseTest, bytes_that_no_client_may_send_go_out_as_they_are) {
  std::promise<Peer::Frame> sent;
  const ScriptedServer server([&sent](Peer& peer) {
    peer.upgrade();
    sent.set_value(peer.read());
    peer.close(1002, "");
    read_all(peer);
  });
  auto socket = open(server.port());
  ASSERT_TRUE(socket);

  ASSERT_TRUE(socket->send_raw("\xf3\x02hi", soon()));

  EXPECT_EQ(next(*socket), "closed 1002 ");
  const Peer::Frame frame = sent.get_future().get();
  EXPECT_EQ(frame.first, 0xf3U);
  EXPECT_FALSE(frame.masked);
  EXPECT_EQ(frame.payload, "hi");
}

}  // namespace
}  // namespace nx::client
