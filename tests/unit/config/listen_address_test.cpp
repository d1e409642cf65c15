#include "config/listen_address.hpp"

#include <gtest/gtest.h>

namespace nx::config {

TEST(ListenAddress, HostAndPortAreTakenApart) {
  const auto address = parse_listen_address("127.0.0.1:9464");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 9464);
}

TEST(ListenAddress, AnIpv6HostStandsInBrackets) {
  const auto address = parse_listen_address("[::1]:0");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "::1");
  EXPECT_EQ(address->port, 0);
}

TEST(ListenAddress, AnythingElseIsNone) {
  for (const char* text : {"", "9464", ":9464", "host:", "host:x", "host:70000", "host:1 ", "[]:1", "host:-1"}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
}

}  // namespace nx::config
