// HTTP as a hostile or a careless peer speaks it.

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

const std::string kUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

}  // namespace
using HostileHttpTest = GatewayTest;

TEST_F(HostileHttpTest, FieldsOfATrailerAreNotBelieved) {
  options.trusted_proxies = {"127.0.0.1"};
  handler = [](transport::HttpRequest request, runtime::EventLoop&, const transport::Respond& respond) {
    respond({.status = 200,
             .headers = {},
             .body = "from " + request.peer_address + " host " + request.list("Host") + " token " +
                     request.list("Authorization") + " dev " + request.list("x-signal-dev") + "."});
  };
  start();
  TestClient one(gateway->port());
  one.send_raw(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Forwarded-For\r\n\r\n2\r\nab\r\n0\r\n"
      "X-Forwarded-For: 198.51.100.1\r\nHost: evil\r\nAuthorization: Bearer t\r\nx-signal-dev: 1\r\n\r\n");
  EXPECT_TRUE(one.read_response().ends_with("from 127.0.0.1 host h token  dev ."));
}

TEST_F(HostileHttpTest, ARefusedUpgradeClosesWhateverItIsRefusedFor) {
  options.cors_origins = {"https://pos.example"};
  start();
  struct Row {
    const char* what;
    std::string request;
    const char* status;
  };
  const Row rows[] = {
      {"a body",
       "GET /stream HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 13\r\nContent-Length: 2\r\n" + kUpgrade + "\r\nhi",
       "400"},
      {"an empty chunked body",
       "GET /stream HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 13\r\nTransfer-Encoding: chunked\r\n" + kUpgrade +
           "\r\n0\r\n\r\n",
       "400"},
      {"another version", "GET /stream HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 12\r\n" + kUpgrade + "\r\n",
       "426"},
      {"a foreign origin",
       "GET /stream HTTP/1.1\r\nHost: x\r\nOrigin: https://evil\r\nSec-WebSocket-Version: 13\r\n" + kUpgrade + "\r\n",
       "403"},
      {"another method", "POST /stream HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 13\r\n" + kUpgrade + "\r\n",
       "200"},
      {"another path", "GET /other HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 13\r\n" + kUpgrade + "\r\n", "200"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    TestClient one(gateway->port());
    one.send_raw(row.request + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string response = one.read_response();
    EXPECT_TRUE(response.starts_with(std::string("HTTP/1.1 ") + row.status)) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
    EXPECT_EQ(one.read_response(), "");
    EXPECT_TRUE(one.ended());
  }
}

TEST_F(HostileHttpTest, EveryRefusalIsCountedByItsStatusAndALineNamesReasonAndPeer) {
  options.cors_origins = {"https://pos.example"};
  options.request_head_timeout = std::chrono::milliseconds(200);
  options.trusted_proxies = {"127.0.0.1"};
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  {
    const observe::Logger to_pipe{{observe::Level::info, observe::LogFormat::json, ends[1]}};
    auth::AuthOptions how;
    how.fetch_keys = [this]() -> Result<std::string> { return issuer.jwks(); };
    auth::Authenticator verifier(how, to_pipe);
    Gateway own(options, verifier, lookups, handler, to_pipe);
    ASSERT_TRUE(own.start());
    const std::string proxy("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0", 16);
    const std::vector<std::pair<int, std::string>> rows{
        {403,
         "GET /stream HTTP/1.1\r\nHost: x\r\nOrigin: https://evil\r\nX-Forwarded-For: 198.51.100.7\r\n"
         "Sec-WebSocket-Version: 13\r\n" +
             kUpgrade + "\r\n"},
        {426, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, proxy},
        {413, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"},
        {431, "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n"},
        {408, "GET / HTTP/1.1\r\n"}};
    for (const auto& [status, request] : rows) {
      TestClient one(own.port());
      one.send_raw(request);
      EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << request.substr(0, 60);
    }
    for (std::size_t i = 0; i < kCountedRefusals.size(); ++i) {
      const auto wanted =
          std::count_if(rows.begin(), rows.end(), [i](const auto& row) { return row.first == kCountedRefusals[i]; });
      EXPECT_EQ(own.stats().refused[i], static_cast<std::uint64_t>(wanted)) << kCountedRefusals[i];
    }
    own.stop();
  }
  ::close(ends[1]);
  std::string text(65'536, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], text.data(), text.size()), 0)));
  ::close(ends[0]);
  EXPECT_NE(
      text.find(R"("event":"connection refused","peer":"198.51.100.7","status":403,"reason":"Origin not allowed")"),
      std::string::npos)
      << text;
}

TEST_F(HostileHttpTest, EmptyLinesBetweenRequestsAreIgnoredAndProlongNothing) {
  options.request_head_timeout = std::chrono::milliseconds(300);
  start();
  TestClient one(gateway->port());
  one.send_raw("\r\n\r\nPOST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // the CRLF behind the body began no request
  one.send_raw("\r");
  one.send_raw("\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  TestClient only_lines(gateway->port());
  only_lines.send_raw("\r\n\r\n");
  EXPECT_TRUE(only_lines.read_response().starts_with("HTTP/1.1 408 "));
}

TEST_F(HostileHttpTest, ErrorsBeforeRoutingMayBeReadByThePage) {
  options.request_head_timeout = std::chrono::milliseconds(200);
  options.request_body_timeout = std::chrono::milliseconds(200);
  options.cors_origins = {"https://pos.example"};
  start();
  const std::string origin = "Host: x\r\nOrigin: https://pos.example\r\n";
  const std::pair<const char*, std::string> rows[] = {
      {"408", "GET / HTTP/1.1\r\n" + origin + "X: "},
      {"408", "POST /a HTTP/1.1\r\n" + origin + "Content-Length: 9\r\n\r\nhi"},
      {"413", "POST /a HTTP/1.1\r\n" + origin + "Content-Length: 70000\r\n\r\n"},
      {"431", "GET / HTTP/1.1\r\n" + origin + "X: " + std::string(20'000, 'x') + "\r\n\r\n"},
      {"400", "GET v1 HTTP/1.1\r\n" + origin + "\r\n"},
      {"426", "GET /stream HTTP/1.1\r\n" + origin + "\r\n"}};
  for (const auto& [status, request] : rows) {
    SCOPED_TRACE(request.substr(0, 60));
    TestClient one(gateway->port());
    one.send_raw(request);
    const std::string response = one.read_response();
    EXPECT_TRUE(response.starts_with(std::string("HTTP/1.1 ") + status)) << response;
    EXPECT_NE(response.find("Access-Control-Allow-Origin: https://pos.example\r\n"), std::string::npos) << response;
    EXPECT_NE(response.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos) << response;
  }
  TestClient foreign(gateway->port());
  foreign.send_raw("GET v1 HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\r\n");
  EXPECT_EQ(foreign.read_response().find("Access-Control"), std::string::npos);
}

TEST_F(HostileHttpTest, ARefusalSpeaksOfItsOwnRequest) {
  start();
  TestClient one(gateway->port());
  one.send_raw("GET /first HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\n\r\nGET bad HTTP/1.1\r\nHost: x\r\n\r\n");
  one.read_response();
  const std::string second = one.read_response();
  EXPECT_TRUE(second.starts_with("HTTP/1.1 400 ")) << second;
  EXPECT_EQ(second.find("/first"), std::string::npos) << second;
}

class HostileHttpAnswersTest : public GatewayTest {
 protected:
  static constexpr std::size_t kBytes = 3'000'000;
  HostileHttpAnswersTest() {
    handler = [](transport::HttpRequest, runtime::EventLoop&, const transport::Respond& respond) {
      respond({.status = 200, .headers = {}, .body = std::string(kBytes, 'x')});
    };
  }
  TestClient ask() {
    TestClient out(gateway->port(), TestClient::Tls::off, 4'096);
    out.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return out;
  }
  std::uint64_t answers() const { return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::answers)]; }
};

TEST_F(HostileHttpAnswersTest, UnreadAnswersAreCountedAndTheFullestGoesOverTheBound) {
  options.queued_bytes_total = 5 * kBytes;
  start();
  std::vector<TestClient> readers;
  for (int i = 0; i < 4; ++i) readers.push_back(ask());
  EXPECT_TRUE(eventually([&] { return answers() >= 4 * kBytes; }));
  for (int i = 0; i < 30; ++i) readers.push_back(ask());
  EXPECT_TRUE(eventually([&] { return gateway->stats().accepted == 34 && answers() <= options.queued_bytes_total; }));
  EXPECT_TRUE(eventually([&] { return gateway->stats().admission.requests <= 5; }));
  readers.clear();
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(HostileHttpAnswersTest, OneThatNobodyReadsIsCutAndOneThatIsReadSlowlyIsNot) {
  options.unread_answer_timeout = std::chrono::milliseconds(4'000);
  start();
  TestClient unread = ask();
  TestClient slow = ask();
  EXPECT_TRUE(eventually([&] { return answers() >= 2 * kBytes; }));
  std::size_t got = 0;
  for (int i = 0; i < 30; ++i) {  // longer than the time-out
    got += slow.read_raw(4'096).size();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_TRUE(eventually([&] { return answers() < 2 * kBytes; }));
  while (got < kBytes) {
    const std::size_t more = slow.read_raw(65'536).size();
    if (more == 0) break;
    got += more;
  }
  EXPECT_GE(got, kBytes);
  EXPECT_TRUE(unread.ended());
}

}  // namespace nx::gateway
