#include "gateway/origin_policy.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nx::gateway
