#include "transport/ws_upgrade.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

using Kind = WsUpgrade::Kind;

HttpRequest handshake() {
  HttpRequest request;
  request.method = "GET";
  request.path = request.target = "/stream";
  request.headers = {{"Host", "h"},
                     {"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                     {"Sec-WebSocket-Version", "13"}};
  return request;
}

HttpRequest handshake_with(const std::string& name, const std::string& value) {
  HttpRequest request = handshake();
  for (HttpHeader& header : request.headers) {
    if (header.name == name) header.value = value;
  }
  return request;
}

HttpRequest handshake_without(const std::string& name) {
  HttpRequest request = handshake();
  std::erase_if(request.headers, [&](const HttpHeader& header) { return header.name == name; });
  return request;
}

TEST(WsUpgrade, AcceptsTheHandshakeOfRfc6455Section1_3) {
  const WsUpgrade upgrade = check_upgrade(handshake());

  EXPECT_EQ(upgrade.kind, Kind::accepted);
  EXPECT_EQ(upgrade.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WsUpgrade, WritesTheSwitchingResponse) {
  std::string out;
  append_switching_protocols(out, "abc=");
  EXPECT_EQ(out,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            "abc=\r\n\r\n");
}

TEST(WsUpgrade, ReadsHeadersAsListsInAnyLetterCase) {
  EXPECT_EQ(check_upgrade(handshake_with("Connection", "keep-alive, UPGRADE")).kind, Kind::accepted);
  EXPECT_EQ(check_upgrade(handshake_with("Upgrade", "h2c, WebSocket")).kind, Kind::accepted);
  HttpRequest two_lines = handshake_with("Connection", "keep-alive");
  two_lines.headers.push_back({"connection", "upgrade"});
  EXPECT_EQ(check_upgrade(two_lines).kind, Kind::accepted);
}

TEST(WsUpgrade, LeavesPlainRequestsAlone) {
  EXPECT_EQ(check_upgrade(handshake_without("Upgrade")).kind, Kind::none);
  EXPECT_EQ(check_upgrade(handshake_with("Upgrade", "h2c")).kind, Kind::none);
  EXPECT_EQ(check_upgrade(HttpRequest{}).kind, Kind::none);
}

TEST(WsUpgrade, Answers426ToAnotherVersion) {
  for (const char* version : {"8", "", "13x", "013", "14", "13, 8"}) {
    const WsUpgrade upgrade = check_upgrade(handshake_with("Sec-WebSocket-Version", version));
    EXPECT_EQ(upgrade.kind, Kind::refused);
    EXPECT_EQ(upgrade.status, 426) << version;
  }
  EXPECT_EQ(check_upgrade(handshake_without("Sec-WebSocket-Version")).status, 426);
  const HttpResponse response = upgrade_required();
  EXPECT_EQ(response.status, 426);
  EXPECT_EQ(response.headers.back().name + ": " + response.headers.back().value, "Sec-WebSocket-Version: 13");
}

TEST(WsUpgrade, Answers400ToABrokenHandshake) {
  HttpRequest two_keys = handshake();
  two_keys.headers.push_back(two_keys.headers[3]);
  HttpRequest old = handshake();
  old.minor_version = 0;
  HttpRequest with_body = handshake();
  with_body.body = "x";
  for (const HttpRequest& request :
       {handshake_without("Sec-WebSocket-Key"), handshake_with("Sec-WebSocket-Key", "c2hvcnQ="),
        handshake_with("Sec-WebSocket-Key", "not base64 at all!!!!!!!"), handshake_without("Connection"),
        handshake_with("Connection", "close"), two_keys, old, with_body}) {
    EXPECT_EQ(check_upgrade(request).kind, Kind::refused);
    EXPECT_EQ(check_upgrade(request).status, 400);
  }
}

TEST(WsUpgrade, LeavesAnotherMethodToWhoeverAnswersUnknownOnes) {
  HttpRequest request = handshake();
  request.method = "POST";
  EXPECT_EQ(check_upgrade(request).kind, Kind::other_method);
}

TEST(WsUpgrade, RefusesABodyHoweverItIsFramed) {
  for (const HttpHeader& framing : {HttpHeader{"Transfer-Encoding", "chunked"}, HttpHeader{"Content-Length", "1"}}) {
    HttpRequest request = handshake();
    request.headers.push_back(framing);
    EXPECT_EQ(check_upgrade(request).status, 400) << framing.name;
  }
  HttpRequest empty = handshake();
  empty.headers.push_back({"Content-Length", "0"});
  EXPECT_EQ(check_upgrade(empty).kind, Kind::accepted);
}

}  // namespace
}  // namespace nx::transport
