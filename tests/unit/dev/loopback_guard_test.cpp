#include "dev/loopback_guard.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace nx::dev {
namespace {

transport::HttpRequest request(std::vector<transport::HttpHeader> headers) {
  transport::HttpRequest made;
  made.method = "GET";
  made.target = made.path = "/";
  made.headers = std::move(headers);
  return made;
}

/// The status that the guard answers, or 200 when the request got through.
int status_of(transport::HttpRequest given, ApiOrigins api = ApiOrigins::own) {
  runtime::EventLoop loop("guard");
  int status = 0;
  guard_loopback(
      [](const transport::HttpRequest&, runtime::EventLoop&, const transport::Respond& respond) {
        respond({200, {}, {}});
      },
      api)(std::move(given), loop, [&status](const transport::HttpResponse& response) { status = response.status; });
  return status;
}

TEST(LoopbackGuard, takes_loopback_names_with_and_without_a_port) {
  for (const char* host :
       {"localhost", "localhost:3000", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:3000", "LOCALHOST:1"}) {
    EXPECT_EQ(status_of(request({{"host", host}})), 200) << host;
  }
}

TEST(LoopbackGuard, refuses_every_other_host_so_that_a_rebound_name_gets_nothing) {
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost:", "localhost:3000x",
        "127.0.0.2", "[::1].evil", "::1", "localhost:3000/", "0.0.0.0", "localhost@evil.example"}) {
    EXPECT_EQ(status_of(request({{"host", host}})), 403) << host;
  }
  EXPECT_EQ(status_of(request({})), 403);
}

TEST(LoopbackGuard, takes_its_own_origin_and_none) {
  EXPECT_EQ(status_of(request({{"host", "localhost:3000"}, {"origin", "http://localhost:3000"}})), 200);
  EXPECT_EQ(status_of(request({{"host", "localhost:3000"}})), 200);
}

TEST(LoopbackGuard, refuses_other_origins_other_ports_and_the_null_origin) {
  for (const char* origin : {"https://evil.example", "http://localhost:3001", "http://127.0.0.1:3000",
                             "https://localhost:3000", "null", ""}) {
    EXPECT_EQ(status_of(request({{"host", "localhost:3000"}, {"origin", origin}})), 403) << origin;
  }
}

TEST(LoopbackGuard, with_configured_origins_only_the_api_is_open_to_other_pages) {
  const auto from_page = [](const char* path, const char* host) {
    auto made = request({{"host", host}, {"origin", "http://localhost:5173"}});
    made.target = made.path = path;
    return status_of(made, ApiOrigins::configured);
  };
  EXPECT_EQ(from_page("/v1/notifications", "localhost:3000"), 200);
  EXPECT_EQ(from_page("/v1/notifications", "evil.example"), 403);
  for (const char* path : {"/", "/dev/token", "/dev/payments", "/jw-certs", "/v1", "/v10/x", "/V1/x"}) {
    EXPECT_EQ(from_page(path, "localhost:3000"), 403) << path;
  }
}

TEST(LoopbackGuard, over_tls_the_origin_is_https) {
  auto secure = request({{"host", "localhost:3000"}, {"origin", "https://localhost:3000"}});
  secure.over_tls = true;
  EXPECT_EQ(status_of(secure), 200);
}

TEST(LoopbackGuard, only_the_exact_header_allows_side_effects) {
  EXPECT_TRUE(has_side_effect_header(request({{"X-Signal-Dev", "1"}})));
  EXPECT_FALSE(has_side_effect_header(request({{"x-signal-dev", "0"}})));
  EXPECT_FALSE(has_side_effect_header(request({})));
}

TEST(LoopbackGuard, a_refusal_is_json_that_says_what_to_send) {
  const auto body = json::parse(refusal(403, "send \"x\"").body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->find("message")->text(), "send \"x\"");
  EXPECT_EQ(body->find("statusCode")->as_int64(), 403);
}

}  // namespace
}  // namespace nx::dev
