#include "http_client/plain_url.hpp"

#include <gtest/gtest.h>

namespace nx::http_client {
namespace {

TEST(PlainUrl, plain_http_is_remarkable_only_off_loopback) {
  EXPECT_TRUE(is_plain_off_loopback("http://identity.internal/jw-certs"));
  EXPECT_TRUE(is_plain_off_loopback("HTTP://10.0.0.1:8080/"));
  for (const char* url : {"https://identity.internal/jw-certs", "http://localhost:3001/x", "http://127.0.0.1:3001/x",
                          "http://[::1]/x", "nonsense"}) {
    EXPECT_FALSE(is_plain_off_loopback(url)) << url;
  }
}

}  // namespace
}  // namespace nx::http_client
