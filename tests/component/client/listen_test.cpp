#include "client/listen.hpp"

#include <future>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base64.hpp"
#include "json/value.hpp"
#include "scripted_server.hpp"

namespace nx::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Raises the stop flag once `trigger` was printed: a condition instead of a time.
class StoppingStream : public std::stringbuf {
 public:
  StoppingStream(std::string trigger, std::atomic<bool>& stop) : trigger_(std::move(trigger)), stop_(stop) {}

 protected:
  int sync() override {
    if (!trigger_.empty() && str().find(trigger_) != std::string::npos) stop_.store(true);
    return 0;
  }

 private:
  std::string trigger_;
  std::atomic<bool>& stop_;
};

class Listen : public testing::Test {
 protected:
  int run(const ScriptedServer& server, const char* scheme = "ws") {
    options_.url = std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + "/stream";
    return run();
  }
  int run() {
    StoppingStream buffer(stop_when_printed_, stop_);
    std::ostream out(&buffer);
    std::ostringstream err;
    const int code = listen(options_, out, err, stop_);
    complaint_ = err.str();
    std::istringstream text(buffer.str());
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
    return code;
  }

  ListenOptions options_{.url = {}, .token = "the-token", .rooms = {}, .since = {}, .trust = {}};
  std::atomic<bool> stop_{false};
  std::string stop_when_printed_;
  std::vector<std::string> lines_;
  std::string complaint_;
};

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
  EXPECT_THAT(sent, HasSubstr("Upgrade: websocket\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(sent, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
}

TEST_F(Listen, a_close_is_reported_with_code_reason_and_what_the_server_said) {
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

TEST_F(Listen, a_connection_that_just_ends_is_a_failure) {
  const ScriptedServer server([](Peer& peer) { peer.shake_hands(); });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("1006"));
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

TEST_F(Listen, a_frame_that_does_not_open_is_a_failure) {
  const ScriptedServer server([](Peer& peer) {
    peer.shake_hands();
    peer.text(R"({"event":"encrypted","data":{"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAAAAA="}})");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("can not be decrypted"));
}

TEST_F(Listen, plaintext_after_the_handshake_is_a_failure) {
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

class ForbiddenFrames : public Listen, public testing::WithParamInterface<Forbidden> {};

TEST_P(ForbiddenFrames, are_a_failure_that_names_the_protocol) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    peer.read();
    peer.frame(GetParam().first_byte, GetParam().payload);
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(Rfc6455, ForbiddenFrames,
                         testing::Values(Forbidden{"reserved bit", 0xc1, "{}"}, Forbidden{"unknown opcode", 0x83, "{}"},
                                         Forbidden{"fragments out of order", 0x80, "{}"},
                                         Forbidden{"control frame", 0x09, "x"},
                                         Forbidden{"control frame", 0x89, std::string(126, 'x')},
                                         Forbidden{"one byte", 0x88, "x"}, Forbidden{"not JSON", 0x81, "not json"},
                                         Forbidden{"not JSON", 0x81, "\xff"}));

TEST_F(Listen, a_refused_upgrade_shows_the_status_line) {
  const ScriptedServer server(
      [](Peer& peer) { peer.write("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n"); });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("HTTP/1.1 503 Service Unavailable"));
}

TEST_F(Listen, an_upgrade_that_answers_another_key_is_refused) {
  const ScriptedServer server([](Peer& peer) {
    peer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        "AAAA\r\n\r\n");
    peer.read();
  });

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("does not fit the request"));
}

TEST_F(Listen, a_server_that_never_says_connected_is_given_up) {
  const ScriptedServer server([](Peer& peer) {
    peer.upgrade();
    while (peer.read().opcode != 0xff) {
    }
  });
  options_.handshake_timeout = std::chrono::milliseconds(50);

  EXPECT_EQ(run(server), 1);

  EXPECT_THAT(complaint_, HasSubstr("no `connected` in time"));
}

TEST_F(Listen, nobody_at_the_address_is_a_failure_that_names_it) {
  const int port = [] {
    const ScriptedServer gone([](Peer&) {});
    return gone.port();
  }();
  options_.url = "ws://127.0.0.1:" + std::to_string(port) + "/stream";

  EXPECT_EQ(run(), 1);

  EXPECT_THAT(complaint_, HasSubstr("cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused"));
}

TEST_F(Listen, an_unusable_url_and_a_missing_token_are_bad_usage) {
  options_.url = "http://127.0.0.1/";
  EXPECT_EQ(run(), 2);
  options_.url = "ws://127.0.0.1/";
  options_.token = "";
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(complaint_, HasSubstr("SIGNAL_TOKEN"));
}

void say_hello_and_close(Peer& peer) {
  peer.shake_hands();
  peer.sealed(R"({"event":"hello"})");
  peer.close(1000, "");
  peer.read();
}

TEST_F(Listen, over_tls_a_trusted_certificate_is_enough) {
  const SecureScriptedServer server(say_hello_and_close);
  options_.trust.ca_file = server.ca_file();

  EXPECT_EQ(run(server, "wss"), 0) << complaint_;

  EXPECT_THAT(lines_, ElementsAre(HasSubstr("connected"), R"({"event":"hello"})"));
}

TEST_F(Listen, over_tls_an_unknown_certificate_is_refused) {
  const SecureScriptedServer server(say_hello_and_close);

  EXPECT_EQ(run(server, "wss"), 1);

  EXPECT_THAT(complaint_, HasSubstr("certificate is not trusted"));
}

TEST_F(Listen, over_tls_a_certificate_of_another_host_is_refused) {
  const SecureScriptedServer server(say_hello_and_close, "DNS:elsewhere.example,IP:127.0.0.2");
  options_.trust.ca_file = server.ca_file();

  EXPECT_EQ(run(server, "wss"), 1);

  EXPECT_THAT(complaint_, HasSubstr("IP address mismatch"));
}

TEST_F(Listen, over_tls_the_check_can_be_skipped) {
  const SecureScriptedServer server(say_hello_and_close);
  options_.trust.check = CertificateCheck::skip;

  EXPECT_EQ(run(server, "wss"), 0) << complaint_;
}

}  // namespace
}  // namespace nx::client
