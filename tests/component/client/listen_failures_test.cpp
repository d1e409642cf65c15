// What ends `nx-signal listen` as a failure, and what it says.

#include <gmock/gmock.h>

#include "component/client/listen_fixture.hpp"

namespace nx::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using ListenFailures = Listen;

TEST_F(ListenFailures, a_close_is_reported_with_code_reason_and_what_the_server_said) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.read();
    peer.text(R"({"event":"error","data":{"message":"Authentication failed"}})");
    peer.close(4003, "Authentication failed");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_EQ(
      complaint_,
      "nx-signal listen: the server closed: 4003 Authentication failed (the server said: Authentication failed)\n");
  EXPECT_THAT(lines_, ElementsAre(R"({"event":"error","data":{"message":"Authentication failed"}})"));
}

TEST_F(ListenFailures, a_connection_that_just_ends_is_a_failure) {
  const ScriptedServer server([](Peer& peer) { peer.shake_hands(); });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("1006"));
}

TEST_F(ListenFailures, a_frame_that_does_not_open_is_a_failure) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    peer.text(R"({"event":"encrypted","data":{"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}})");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("cannot be decrypted"));
}

TEST_F(ListenFailures, plaintext_after_the_handshake_is_a_failure) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    peer.text(R"({"event":"observation/signal/notification/created","data":{}})");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("arrived in plaintext"));
}

struct Forbidden {
  const char* what;
  unsigned first_byte;
  std::string payload;
};

class ListenFailuresForbiddenFrames : public Listen, public testing::WithParamInterface<Forbidden> {};

TEST_P(ListenFailuresForbiddenFrames, are_a_failure_that_names_the_protocol) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.read();
    peer.frame(GetParam().first_byte, GetParam().payload);
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(Rfc6455, ListenFailuresForbiddenFrames,
                         testing::Values(Forbidden{"reserved bit", 0xc1, "{}"}, Forbidden{"unknown opcode", 0x83, "{}"},
                                         Forbidden{"fragments out of order", 0x80, "{}"},
                                         Forbidden{"control frame", 0x09, "x"},
                                         Forbidden{"control frame", 0x89, std::string(126, 'x')},
                                         Forbidden{"one byte", 0x88, "x"}, Forbidden{"not JSON", 0x81, "not json"},
                                         Forbidden{"not UTF-8", 0x81, "\xff"}));

TEST_F(ListenFailures, a_refused_upgrade_shows_the_status_line) {
  const ScriptedServer server(
      [](Peer& peer) { peer.write("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n"); });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("HTTP/1.1 503 Service Unavailable"));
}

TEST_F(ListenFailures, an_upgrade_that_answers_another_key_is_refused) {
  const ScriptedServer server([](Peer& peer) {
    peer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        "AAAA\r\n\r\n");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("does not fit the request"));
}

TEST_F(ListenFailures, a_server_that_never_says_connected_is_given_up) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    while (peer.read().opcode != 0xff) {
    }
  });
  options_.handshake_timeout = std::chrono::milliseconds(50);

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("no `connected` in time"));
}

TEST_F(ListenFailures, nobody_at_the_address_is_a_failure_that_names_it) {
  const int port = [] {
    const ScriptedServer gone([](Peer&) {});
    return gone.port();
  }();
  options_.url = "ws://127.0.0.1:" + std::to_string(port) + "/stream";

  EXPECT_EQ(run(), 1);

  EXPECT_THAT(complaint_, HasSubstr("cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused"));
}

TEST_F(ListenFailures, an_unusable_url_and_a_missing_token_are_bad_usage) {
  options_.url = "http://127.0.0.1/";
  EXPECT_EQ(run(), 2);
  options_.url = "ws://127.0.0.1/";
  options_.token = "";
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(complaint_, HasSubstr("SIGNAL_TOKEN"));
}

}  // namespace
}  // namespace nx::client
