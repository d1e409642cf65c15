#include "gateway_fixture.hpp"

namespace nx::gateway {

using HttpTest = GatewayTest;

TEST_F(HttpTest, APlainRequestOnTheStreamPathIs426) {
  start();
  TestClient one(gateway->port());
  one.send_raw("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string response = one.read_response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 426 ")) << response;
  EXPECT_NE(response.find(R"({"message":"Upgrade Required","statusCode":426,)"), std::string::npos) << response;
}

TEST_F(HttpTest, TheStreamPathIsMatchedExactly) {
  start();
  TestClient one(gateway->port());
  EXPECT_EQ(one.upgrade({}, "/stream/"), 200);
}

TEST_F(HttpTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  TestClient one(gateway->port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  one.send_raw(requests);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(one.read_response().find("GET /" + std::to_string(i) + " from 127.0.0.1"), std::string::npos) << i;
  }
}

TEST_F(HttpTest, AnAnswerFromAnotherThreadFindsItsRequest) {
  std::vector<std::thread> threads;
  handler = [&threads](transport::HttpRequest request, runtime::EventLoop&, transport::Respond respond) {
    threads.emplace_back([path = request.path, respond = std::move(respond)] {
      transport::HttpResponse response;
      response.body = path;
      respond(response);
      respond(std::move(response));
    });
  };
  options.workers = 1;
  start();
  TestClient one(gateway->port());
  one.send_raw("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_TRUE(one.read_response().ends_with("/a"));
  one.send_raw("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(one.read_response().ends_with("/b"));
  EXPECT_TRUE(one.ended());
  gateway.reset();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpTest, SlowAndLargeRequestsAreRefused) {
  options.request_head_timeout = std::chrono::milliseconds(200);
  options.request_body_timeout = std::chrono::milliseconds(200);
  start();
  TestClient head(gateway->port());
  head.send_raw("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(head.read_response().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(head.ended());
  TestClient body(gateway->port());
  body.send_raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhi");
  EXPECT_TRUE(body.read_response().starts_with("HTTP/1.1 408 "));
  TestClient long_head(gateway->port());
  long_head.send_raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(long_head.read_response().starts_with("HTTP/1.1 431 "));
  TestClient long_body(gateway->port());
  long_body.send_raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
  EXPECT_TRUE(long_body.read_response().starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpTest, ForeignOriginsAreRefusedAndNoOriginPasses) {
  options.cors_origins = {"https://pos.example"};
  start();
  TestClient foreign(gateway->port());
  EXPECT_EQ(foreign.upgrade("Origin: https://evil.example\r\n"), 403);
  TestClient own(gateway->port());
  EXPECT_EQ(own.upgrade("Origin: https://pos.example\r\n"), 101);
  TestClient native(gateway->port());
  EXPECT_EQ(native.upgrade(), 101);
  TestClient preflight(gateway->port());
  preflight.send_raw(
      "OPTIONS /v1 HTTP/1.1\r\nHost: x\r\nOrigin: https://pos.example\r\nAccess-Control-Request-Method: PATCH\r\n\r\n");
  const std::string response = preflight.read_response();
  EXPECT_TRUE(response.starts_with("HTTP/1.1 204 "));
  EXPECT_NE(response.find("Access-Control-Allow-Origin: https://pos.example\r\n"), std::string::npos);
}

TEST_F(HttpTest, AProxyHeaderNamesTheClientOnlyWhenItsSenderIsTrusted) {
  const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x30\x39\0\x50", 28);
  options.trusted_proxies = {"127.0.0.0/8"};
  start();
  TestClient trusted(gateway->port());
  trusted.send_raw(header.substr(0, 5));
  trusted.send_raw(header.substr(5) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(trusted.read_response().find("from 192.0.2.7"), std::string::npos);

  gateway.reset();
  options.trusted_proxies.clear();
  start();
  TestClient other(gateway->port());
  other.send_raw(header + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(other.read_response().starts_with("HTTP/1.1 400 "));
}

TEST_F(HttpTest, TlsThatAProxyTerminatesCountsIfTheProxyIsTrustedOrTheSettingSaysSo) {
  handler = [](const transport::HttpRequest& request, runtime::EventLoop&, const transport::Respond& respond) {
    respond({.status = 200, .headers = {}, .body = request.over_tls ? "over TLS" : "without TLS"});
  };
  const auto answer = [this](const std::string& more) {
    TestClient one(gateway->port());
    one.send_raw("GET / HTTP/1.1\r\nHost: x\r\n" + more + "\r\n");
    const std::string response = one.read_response();
    return response.substr(response.find("\r\n\r\n") + 4);
  };
  const std::string forwarded = "X-Forwarded-Proto: https\r\n";
  start();
  EXPECT_EQ(answer(forwarded), "without TLS");

  gateway.reset();
  options.trusted_proxies = {"127.0.0.1"};
  start();
  EXPECT_EQ(answer(forwarded), "over TLS");
  EXPECT_EQ(answer(forwarded + "X-Forwarded-Proto: http\r\n"), "without TLS");
  EXPECT_EQ(answer({}), "without TLS");

  gateway.reset();
  options.tls_terminated = true;
  start();
  EXPECT_EQ(answer({}), "over TLS");
}

TEST_F(HttpTest, ATakenPortIsAnErrorThatNamesIt) {
  start();
  GatewayOptions same = options;
  same.port = gateway->port();
  Gateway second(same, *authenticator, {}, handler, log);
  const Result<void> started = second.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(std::to_string(same.port)), std::string::npos) << started.error().message;
}

}  // namespace nx::gateway
