// The rules that hold for every outgoing request, whoever makes it.

#include "http_client/http_client.hpp"

#include <cstdlib>
#include <thread>

#include <gtest/gtest.h>

#include "component/answering_server.hpp"
#include "patience.hpp"

namespace nx::http_client {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxBodyBytes = 1'000;
constexpr auto kTimeout = kPatience * 6s;

class HttpClientTest : public ::testing::Test {
 protected:
  static HttpClientOptions options(std::string url) {
    return {.url = std::move(url), .timeout = kTimeout, .headers = {}, .max_body_bytes = kMaxBodyBytes, .tls_ca = {}};
  }
  void expect_failure(Cause cause) {
    HttpClient client(options(server.address()));
    const Outcome outcome = client.get();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().cause, cause) << outcome.error().message;
  }

  AnsweringServer server{"text"};
};

TEST_F(HttpClientTest, AnAnswerHasStatusBodyAndRetryAfter) {
  server.answer("later", "503 Service Unavailable", "Retry-After: 7\r\n");
  HttpClient client(options(server.address()));
  const Outcome outcome = client.get();

  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->status, 503);
  EXPECT_EQ(outcome->body, "later");
  EXPECT_EQ(outcome->retry_after, 7s);
}

TEST_F(HttpClientTest, ABodyOverItsBoundIsTooLargeAndOneOfThatSizeIsNot) {
  server.answer(std::string(kMaxBodyBytes + 1, 'x'));
  expect_failure(Cause::too_large);

  server.answer(std::string(kMaxBodyBytes, 'x'));
  HttpClient client(options(server.address()));
  const Outcome outcome = client.get();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->body.size(), kMaxBodyBytes);
}

TEST_F(HttpClientTest, HeaderFieldsAndTrailersOverTheirBoundAreTooLarge) {
  std::string fields;
  while (fields.size() <= kMaxHeaderBytes) fields += "X-Field: " + std::string(1'000, 'x') + "\r\n";
  server.answer("", "200 OK", fields);
  expect_failure(Cause::too_large);

  server.answer("4\r\ntext\r\n0\r\n" + fields + "\r\n", "200 OK", "Transfer-Encoding: chunked\r\n");
  expect_failure(Cause::too_large);
}

TEST_F(HttpClientTest, AnotherThreadEndsARequestThatIsNotAnsweredAndEveryLaterOne) {
  server.hold();
  HttpClient client(options(server.address()));
  std::thread other([&] {
    server.await_requests(1);
    client.end_by(std::chrono::steady_clock::now());
  });
  const Outcome running = client.get();
  other.join();
  const Outcome later = client.get();

  ASSERT_FALSE(running);
  EXPECT_EQ(running.error().cause, Cause::ended);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().cause, Cause::ended);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(HttpClientTest, ARequestEndsAtATimeThatWasGivenBeforeIt) {
  server.hold();
  HttpClient client(options(server.address()));
  client.end_by(std::chrono::steady_clock::now() + 200ms);
  const Outcome outcome = client.post("body", [] {});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::ended);
}

TEST_F(HttpClientTest, RequestsOfOneClientShareAConnection) {
  server.keep_connections();
  HttpClient client(options(server.address()));
  int calls = 0;
  ASSERT_TRUE(client.post("first", [&] { ++calls; }));
  ASSERT_TRUE(client.get());
  ASSERT_TRUE(client.post("third", [&] { ++calls; }));

  EXPECT_EQ(server.bodies(), (std::vector<std::string>{"first", "", "third"}));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, TheProxiesOfTheEnvironmentAreNotUsed) {
  AnsweringServer proxy("from the proxy");
  for (const char* name : {"no_proxy", "NO_PROXY"}) ::unsetenv(name);
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::setenv(name, proxy.address().c_str(), 1);
  HttpClient client(options(server.address()));
  const Outcome outcome = client.get();
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);

  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->body, "text");
  EXPECT_EQ(proxy.requests(), 0);
}

TEST_F(HttpClientTest, AFileOfCertificatesThatCanNotBeReadIsUntrusted) {
  HttpClientOptions secure = options("https" + server.address().substr(4));
  secure.tls_ca = "/nonexistent/ca.pem";
  HttpClient client(secure);
  const Outcome outcome = client.get();

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, Cause::untrusted) << outcome.error().message;
}

TEST_F(HttpClientTest, OnlyHttpAndHttpsAreSpoken) {
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/", ""}) {
    HttpClient client(options(url));
    const Outcome outcome = client.get();
    ASSERT_FALSE(outcome) << url;
    EXPECT_EQ(outcome.error().cause, Cause::unavailable) << outcome.error().message;
  }
}

}  // namespace
}  // namespace nx::http_client
