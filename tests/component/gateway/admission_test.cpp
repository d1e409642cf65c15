// Who may hold a connection: what a hostile peer holds never keeps others out, nor the balancer's probe.

#include <atomic>
#include <semaphore>

#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

/// Sessions that ended with this code, sent by that side.
std::uint64_t closes(const Gateway& gateway, ClosedBy by, std::uint16_t code) {
  std::uint64_t count = 0;
  for (const Gateway::Stats::Closed& closed : gateway.stats().closed) {
    if (closed.by == by && closed.code == code) count += closed.count;
  }
  return count;
}

}  // namespace

using AdmissionTest = GatewayTest;

TEST_F(AdmissionTest, ASilentUpgradeYieldsItsPlaceToTheNextHandshake) {
  options.max_handshakes = 1;
  start();
  TestClient silent(gateway->port());
  ASSERT_EQ(silent.upgrade(), 101);
  TestClient next = client();
  const TestClient::Frame told = silent.read_frame();
  EXPECT_EQ(told.close_code(), 1013);
  EXPECT_EQ(told.close_reason(), "Too many handshakes");
  EXPECT_TRUE(silent.ended());
  EXPECT_EQ(gateway->stats().admission.for_handshake, 1U);
  gateway->fan_out().to_everyone(payload("alive"));
  EXPECT_EQ(next.receive(), "alive");
}

TEST_F(AdmissionTest, ACloseThatMakesRoomCountsAsTheServers) {
  options.max_handshakes = 1;
  start();
  TestClient silent(gateway->port());
  ASSERT_EQ(silent.upgrade(), 101);
  const TestClient next = client();
  EXPECT_EQ(silent.read_frame().close_code(), 1013);
  EXPECT_TRUE(eventually([&] { return closes(*gateway, ClosedBy::server, 1013) == 1; }));
  EXPECT_EQ(closes(*gateway, ClosedBy::client, 1013), 0U);
}

TEST_F(AdmissionTest, TokensOfUnknownKeysDoNotKeepUsersOutWhileTheIdentityServiceHangs) {
  options.max_handshakes = 4;
  const auto fetches = std::make_shared<std::atomic<int>>(0);  // the fetch thread may end after this test
  const auto hangs = std::make_shared<std::atomic<bool>>(true);
  auth_options.jwks_cooldown = std::chrono::milliseconds(0);
  auth_options.fetch_keys = [this, fetches, hangs]() -> Result<std::string> {
    if (++*fetches > 1) eventually([&] { return !*hangs; });
    return issuer.jwks();
  };
  start();
  TestClient served = client();  // its key is fetched
  std::vector<TestClient> strangers;
  for (int i = 0; i < 4; ++i) {
    strangers.emplace_back(gateway->port());
    ASSERT_EQ(strangers.back().upgrade(), 101);
    strangers.back().say(R"({"event":"authenticate","data":{"token":")" + issuer.token_of_unknown_key() +
                         R"(","clientPublicKey":"k"}})");
  }
  ASSERT_TRUE(eventually([&] { return *fetches == 2; }));

  TestClient newcomer = client("\"u2\"");

  gateway->fan_out().to_everyone(payload("alive"));
  EXPECT_EQ(newcomer.receive(), "alive");
  EXPECT_GE(gateway->stats().admission.for_handshake, 1U);
  EXPECT_EQ(gateway->stats().admission.too_many_handshakes, 0U);
  *hangs = false;
}

TEST_F(AdmissionTest, OverTheLimitUpgradesAndRequestsAre503AndHealthIsAnswered) {
  options.max_connections = 2;
  start();
  const TestClient first = client();
  const TestClient second = client("\"u2\"");
  TestClient third(gateway->port());
  third.send_raw(
      "GET /stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const std::string response = third.read_response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
  EXPECT_NE(response.find("Retry-After: "), std::string::npos) << response;
  EXPECT_TRUE(third.ended());
  TestClient request(gateway->port());
  EXPECT_EQ(request.upgrade({}, "/v1/notifications"), 503);
  for (int i = 0; i < 50; ++i) {
    TestClient probe(gateway->port());
    probe.send_raw("GET /health/accept HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(probe.read_response().starts_with("HTTP/1.1 200 "));
  }
  EXPECT_EQ(gateway->stats().admission.full, 2U);
}

TEST_F(AdmissionTest, ARequestThatHasArrivedIsAnsweredBeforeItsConnectionMakesRoom) {
  options.admission = std::make_shared<Admission>(Admission::Limits{.connections = 8, .requests = 4, .guests = 4});
  std::binary_semaphore holds{0}, held{0};
  const auto answer = handler;
  handler = [&](transport::HttpRequest request, runtime::EventLoop& loop, const transport::Respond& respond) {
    if (request.path == "/hold") {
      held.release();
      holds.acquire();
    }
    answer(std::move(request), loop, respond);
  };
  start();
  // The listener and the first and third connection belong to shard 0, the second and the probe to shard 1.
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < 4; ++i) {
    clients.emplace_back(gateway->port());
    ASSERT_TRUE(eventually([&] { return gateway->stats().accepted == i + 1; }));
  }
  clients[1].send_raw("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
  held.acquire();
  clients[3].send_raw("GET /health/accept HTTP/1.1\r\nHost: x\r\n\r\n");
  for (int newcomer = 0; newcomer < 3; ++newcomer) clients.emplace_back(gateway->port());
  EXPECT_TRUE(eventually([&] { return gateway->stats().admission.for_request == 3; }));
  holds.release();

  const std::string response = clients[3].read_response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;
  EXPECT_TRUE(clients[3].ended());
  EXPECT_TRUE(clients[0].ended());
  gateway.reset();  // the handler uses this test's variables
}

TEST_F(AdmissionTest, AnOperatorsListenerAnswersOverTheLimitsOfTheProcess) {
  options.max_connections = 1;
  start();
  const TestClient only = client();
  GatewayOptions own = options;
  own.admission = gateway->admission();
  own.ws_path.clear();
  own.cors_origins.clear();
  own.serves_over_limits = true;
  Gateway admin(own, *authenticator, {}, handler, log);
  ASSERT_TRUE(admin.start());
  TestClient scraper(admin.port());
  scraper.send_raw("GET /metrics HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\r\n");
  const std::string response = scraper.read_response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;
  EXPECT_EQ(response.find("Access-Control"), std::string::npos) << response;
  TestClient stream(admin.port());
  EXPECT_EQ(stream.upgrade({}, "/"), 200);
  TestClient query(admin.port());
  EXPECT_EQ(query.upgrade({}, "?"), 400);
}

TEST_F(AdmissionTest, WhoSendsNothingUsefulMakesRoomOldestFirst) {
  options.admission = std::make_shared<Admission>(
      Admission::Limits{.connections = 8, .by_descriptors = true, .requests = 8, .guests = 16});
  options.request_head_timeout = std::chrono::seconds(60);
  options.request_body_timeout = std::chrono::seconds(60);
  options.session.auth_timeout = std::chrono::seconds(60);
  start();
  TestClient served = client();
  std::vector<TestClient> hostile;
  for (int i = 0; i < 60; ++i) {
    hostile.emplace_back(gateway->port());
    if (i % 4 == 1) hostile.back().send_raw("GET / HTTP/1.1\r\nHo");
    if (i % 4 == 2) hostile.back().send_raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
    if (i % 4 == 3) hostile.back().upgrade();
    TestClient probe(gateway->port());
    probe.send_raw("GET /health/accept HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(probe.read_response().starts_with("HTTP/1.1 200 ")) << i;
  }
  TestClient legitimate = client("\"u2\"");
  gateway->fan_out().to_everyone(payload("alive"));
  EXPECT_EQ(served.receive(), "alive");
  EXPECT_EQ(legitimate.receive(), "alive");
  EXPECT_TRUE(hostile.front().ended());
  const auto stats = gateway->stats().admission;
  EXPECT_LE(stats.requests + stats.streams, 8U);
}

TEST_F(AdmissionTest, EveryByteOfAnAddressIsItsNetworkBehindATrustedProxy) {
  options.max_connections_per_address = 1;
  options.trusted_proxies = {"127.0.0.1"};
  start();
  TestClient first(gateway->port());
  EXPECT_EQ(first.upgrade("X-Forwarded-For: 2001:db8:1:2::1\r\n"), 101);
  TestClient second(gateway->port());
  EXPECT_EQ(second.upgrade("X-Forwarded-For: 2001:db8:1:2::2\r\n"), 503);
  TestClient other(gateway->port());
  EXPECT_EQ(other.upgrade("X-Forwarded-For: 2001:db8:1:3::1\r\n"), 101);
}

TEST_F(AdmissionTest, AForgedTokenFreesTheHandshakeAndItsEndMakesRoom) {
  options.max_connections = 2;
  start();
  TestClient served = client();
  TestClient forged(gateway->port());
  ASSERT_EQ(forged.upgrade(), 101);
  forged.say(R"({"event":"authenticate","data":{"token":"x.y.z","clientPublicKey":"k"}})");
  EXPECT_TRUE(eventually([&] { return gateway->stats().admission.handshakes == 0; }));
  TestClient next = client("\"u2\"");  // the forged one, which does not answer its close, is let go
  gateway->fan_out().to_everyone(payload("alive"));
  EXPECT_EQ(next.receive(), "alive");
}

TEST_F(AdmissionTest, GuestsThatComeAllAtOnceDoNotHoldUpTheProbe) {
  options.workers = 1;
  options.admission = std::make_shared<Admission>(Admission::Limits{.connections = 2, .requests = 2, .guests = 4});
  options.request_head_timeout = std::chrono::seconds(60);
  // While the loop is held here, all the others arrive: it accepts them in one turn, before any has a slot.
  std::atomic<bool> held{false};
  std::atomic<bool> may_go_on{false};
  transport::Respond answer;  // it keeps its place until then
  handler = [&](const transport::HttpRequest& asked, runtime::EventLoop&, const transport::Respond& respond) {
    if (asked.path != "/held") return respond({});
    answer = respond;
    held = true;
    eventually([&] { return may_go_on.load(); });
  };
  start();
  const TestClient served = client();
  TestClient request(gateway->port());
  request.send_raw("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return held.load(); }));
  std::vector<TestClient> guests;
  for (int i = 0; i < 30; ++i) guests.emplace_back(gateway->port());
  may_go_on = true;
  TestClient probe(gateway->port());
  probe.send_raw("GET /health/accept HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(probe.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_GT(gateway->stats().admission.for_guest, 15U);
  answer({});
}

}  // namespace nx::gateway
