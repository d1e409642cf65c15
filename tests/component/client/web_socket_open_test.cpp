// Connecting, TLS and upgrade: what is sent, and what each refusal says.

#include <future>

#include "component/client/web_socket_fixture.hpp"

namespace nx::client {
namespace {

using WebSocketOpenTest = WebSocketClient;

using testing::HasSubstr;
using testing::StartsWith;

struct Answer {
  const char* name;
  std::string bytes;
  std::string refusal;
};

class WebSocketOpenRefused : public WebSocketClient, public testing::WithParamInterface<Answer> {};

TEST_P(WebSocketOpenRefused, are_an_error_that_says_why) {
  const ScriptedServer server([](Peer& peer) {
    peer.read_head();
    peer.write(GetParam().bytes);
  });

  EXPECT_EQ(refusal(server.port()), GetParam().refusal);
}

std::string head(std::string_view upgrade, std::string_view connection) {
  return "HTTP/1.1 101 Switching Protocols\r\n" + std::string(upgrade) + std::string(connection) +
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
}

constexpr const char* kUnfit = "the server broke RFC 6455: the upgrade's answer does not fit the request";
constexpr const char* kNotHttp = "the answer to the upgrade is not an HTTP response";
constexpr const char* kEnded = "the server ended the connection at the upgrade";

INSTANTIATE_TEST_SUITE_P(
    Rfc6455, WebSocketOpenRefused,
    testing::Values(
        Answer{"refused", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n",
               "the upgrade was refused: HTTP/1.1 503 Service Unavailable"},
        Answer{"no_reason", "HTTP/1.1 404 \r\nContent-Length: 2\r\n\r\n{}", "the upgrade was refused: HTTP/1.1 404 "},
        Answer{"redirected", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
               "the upgrade was refused: HTTP/1.1 302 Found"},
        Answer{"long_reason", "HTTP/1.1 500 " + std::string(300, 'x') + "\r\n\r\n",
               "the upgrade was refused: HTTP/1.1 500 " + std::string(187, 'x')},
        Answer{"http_1_0", "HTTP/1.0 200 OK\r\n\r\nhello", "the upgrade was refused: HTTP/1.0 200 OK"},
        Answer{"torn_last_chunk", "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r",
               "the upgrade was refused: HTTP/1.1 502 Bad Gateway"},
        Answer{"other_key", head("Upgrade: websocket\r\n", "Connection: Upgrade\r\n"), kUnfit},
        Answer{"no_upgrade", head("", "Connection: Upgrade\r\n"), kUnfit},
        Answer{"other_upgrade", head("Upgrade: h2c\r\n", "Connection: Upgrade\r\n"), kUnfit},
        Answer{"no_connection", head("Upgrade: websocket\r\n", ""), kUnfit},
        Answer{"not_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n", kNotHttp},
        Answer{"head_without_end", "HTTP/1.1 101 Switching Protocols\r\nX-Long: " + std::string(70'000, 'x'), kNotHttp},
        Answer{"nothing", "", kEnded}, Answer{"half_a_head", "HTTP/1.1 101 Switching Protocols\r\nUpgr", kEnded}),
    [](const auto& one) { return one.param.name; });

TEST_F(WebSocketOpenTest, a_refusal_whose_body_never_ends_is_reported_at_once) {
  std::promise<void> reported;
  const ScriptedServer server([&reported](Peer& peer) {
    peer.read_head();
    peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
    reported.get_future().wait_for(std::chrono::seconds(20 * kPatience));
  });

  EXPECT_EQ(refusal(server.port()), "the upgrade was refused: HTTP/1.1 200 OK");
  reported.set_value();
}

TEST_F(WebSocketOpenTest, the_upgrade_asks_for_the_resource_without_extensions) {
  std::promise<std::string> sent;
  const ScriptedServer server([&sent](Peer& peer) { sent.set_value(peer.upgrade()); });

  ASSERT_EQ(refusal(server.port()), "opened");

  const std::string request = sent.get_future().get();
  EXPECT_THAT(request, StartsWith("GET /stream?v=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_THAT(request, testing::Not(HasSubstr("Sec-WebSocket-Extensions")));
}

TEST_F(WebSocketOpenTest, a_frame_that_arrives_with_the_answer_to_the_upgrade_is_received) {
  const ScriptedServer server([](Peer& peer) { peer.upgrade("\x81\x05hello"); });

  auto socket = open(server.port());
  ASSERT_TRUE(socket) << socket.error().message;

  EXPECT_EQ(next(*socket), "text hello");
}

TEST_F(WebSocketOpenTest, a_server_that_accepts_and_says_nothing_is_given_up_at_the_deadline) {
  const ScriptedServer server(read_all);
  EXPECT_EQ(refusal(server.port(), within(std::chrono::milliseconds(50))), "no answer to the upgrade in time");

  const ScriptedServer secure_server(read_all);
  secure_ = true;
  EXPECT_EQ(refusal(secure_server.port(), within(std::chrono::milliseconds(50))),
            "TLS with 127.0.0.1:" + std::to_string(secure_server.port()) + ": timed out");
}

TEST_F(WebSocketOpenTest, a_raised_stop_flag_ends_the_upgrade_and_the_tls_handshake) {
  for (const bool secure : {false, true}) {
    const ScriptedServer server([this](Peer& peer) {
      peer.read_byte();
      stop_.store(true);
      read_all(peer);
    });
    secure_ = secure;
    stop_.store(false);

    EXPECT_EQ(refusal(server.port()), "stopped");
  }
}

TEST_F(WebSocketOpenTest, a_server_without_tls_is_refused_over_tls) {
  const ScriptedServer server([](Peer& peer) { peer.write("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  secure_ = true;

  EXPECT_THAT(refusal(server.port()),
              StartsWith("TLS with 127.0.0.1:" + std::to_string(server.port()) + ": wrong version number"));
}

TEST_F(WebSocketOpenTest, a_server_that_ends_the_connection_in_the_tls_handshake_is_a_failure) {
  const ScriptedServer server([](Peer& peer) { peer.read_byte(); });
  secure_ = true;

  EXPECT_THAT(refusal(server.port()),
              testing::AnyOf(HasSubstr(": the connection ended"), HasSubstr("Connection reset by peer")));
}

TEST_F(WebSocketOpenTest, a_ca_file_that_can_not_be_read_is_named) {
  const ScriptedServer server([](Peer&) {});
  secure_ = true;
  trust_.ca_file = "/no/such/ca.pem";

  EXPECT_THAT(refusal(server.port()), StartsWith("no certificates can be read from /no/such/ca.pem"));
}

}  // namespace
}  // namespace nx::client
