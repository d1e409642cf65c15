#include "client/http_get.hpp"

#include <gtest/gtest.h>

#include "component/answering_server.hpp"

namespace nx::client {
namespace {

TEST(HttpGet, SendsTheTokenAndReturnsAnAnswerOfAnyStatus) {
  AnsweringServer server("refused");
  server.answer("refused", "403 Forbidden");
  const auto answer = http_get({.url = server.address() + "/v1/x", .token = "a.b.c"});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->body, "refused");
  EXPECT_TRUE(server.last_request().starts_with("GET /v1/x HTTP/1.1\r\n")) << server.last_request();
  EXPECT_NE(server.last_request().find("\r\nAuthorization: Bearer a.b.c\r\n"), std::string::npos);
}

TEST(HttpGet, AnAnswerOver4MibIsRefusedAndOneOfThatSizeIsNot) {
  constexpr std::size_t kMost = 4UL * 1024 * 1024;
  AnsweringServer server(std::string(kMost + 1, ' '));
  const auto over = http_get({.url = server.address(), .token = ""});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, ErrorKind::invalid);
  EXPECT_NE(over.error().message.find("larger than 4 MiB"), std::string::npos) << over.error().message;

  server.answer(std::string(kMost, ' '));
  const auto at_the_limit = http_get({.url = server.address(), .token = ""});
  ASSERT_TRUE(at_the_limit) << at_the_limit.error().message;
  EXPECT_EQ(at_the_limit->body.size(), kMost);
}

}  // namespace
}  // namespace nx::client
