#include "gateway/origin_policy.hpp"

#include <gtest/gtest.h>

#include "transport/http_token.hpp"

namespace nx::gateway {
namespace {

TEST(OriginPolicy, AStarIsEverySubdomainAndNotTheDomainItself) {
  const OriginPolicy policy({"https://*.pos.example", "https://*.till.example:8443", "tauri://localhost"});
  for (const char* allowed :
       {"", "https://a.pos.example", "https://a.b-c.pos.example", "https://x.till.example:8443", "tauri://localhost"}) {
    EXPECT_TRUE(policy.allows(allowed)) << allowed;
  }
  for (const char* refused :
       {"https://pos.example", "https://.pos.example", "http://a.pos.example", "https://a.pos.example:444",
        "https://apos.example", "https://pos.example.evil.example", "https://evil.example/.pos.example",
        "https://evil.example:1.pos.example", "https://u@a.pos.example", "https://x.till.example", "null"}) {
    EXPECT_FALSE(policy.allows(refused)) << refused;
  }
}

TEST(OriginPolicy, AStarAllowsAllAndNeverEchoes) {
  const OriginPolicy any({"*"});
  EXPECT_TRUE(any.allows("https://x"));
  transport::HttpResponse response;
  any.allow_reading(response, "https://x");
  ASSERT_FALSE(response.headers.empty());
  EXPECT_EQ(response.headers[0].value, "*");
}

TEST(OriginPolicy, AListAllowsExactlyItsMembers) {
  const OriginPolicy some({"https://a", "tauri://localhost"});
  EXPECT_TRUE(some.allows("tauri://localhost"));
  EXPECT_TRUE(some.allows(""));
  EXPECT_FALSE(some.allows("https://a.evil"));
  EXPECT_FALSE(some.allows("null"));
}

TEST(OriginPolicy, APageMayReadEveryHeaderThatWeSendAndSendEveryOneThatWeRead) {
  const OriginPolicy any({"*"});
  transport::HttpRequest asked;
  asked.method = "OPTIONS";
  asked.headers = {{"Origin", "https://x"}, {"Access-Control-Request-Method", "PATCH"}};
  ASSERT_TRUE(any.is_preflight(asked));
  transport::HttpResponse response = any.preflight(asked);
  any.allow_reading(response, "https://x");
  const auto value = [&response](std::string_view name) {
    for (const transport::HttpHeader& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return std::string();
  };
  for (const char* name : {"Content-Range", "Link", "Retry-After", "WWW-Authenticate", "x-request-id", "x-inbox-epoch",
                           "x-response-count", "x-response-format"}) {
    EXPECT_TRUE(transport::list_has_token(value("Access-Control-Expose-Headers"), name)) << name;
  }
  for (const char* name :
       {"Authorization", "Content-Type", "x-device-info", "x-request-channel", "x-request-count", "x-request-id"}) {
    EXPECT_TRUE(transport::list_has_token(value("Access-Control-Allow-Headers"), name)) << name;
  }
}

TEST(OriginPolicy, WithoutOriginsThereIsNoCors) {
  const OriginPolicy none({});
  transport::HttpRequest asked;
  asked.method = "OPTIONS";
  asked.headers = {{"Origin", "https://x"}, {"Access-Control-Request-Method", "GET"}};
  EXPECT_FALSE(none.is_preflight(asked));
  transport::HttpResponse response;
  none.allow_reading(response, "https://x");
  EXPECT_TRUE(response.headers.empty());
}

}  // namespace
}  // namespace nx::gateway
