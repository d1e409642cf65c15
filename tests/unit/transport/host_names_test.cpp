#include "transport/host_names.hpp"

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

TEST(HostNames, OfALoopbackListenerAreTheLoopbackNames) {
  for (const char* host : {"127.0.0.1", "localhost", "::1", "[::1]"}) {
    const HostNames own = HostNames::of_listener(host);
    EXPECT_TRUE(own.has("localhost:9464")) << host;
    EXPECT_TRUE(own.has("LOCALHOST")) << host;
    EXPECT_TRUE(own.has("127.0.0.1:9464")) << host;
    EXPECT_TRUE(own.has("[::1]:9464")) << host;
    EXPECT_FALSE(own.has("evil.example")) << host;
    EXPECT_FALSE(own.has("localhost.evil.example")) << host;
    EXPECT_FALSE(own.has("10.0.0.1:9464")) << host;
  }
}

TEST(HostNames, OfOneAddressOrNameAreThatAlone) {
  const HostNames address = HostNames::of_listener("10.0.0.7");
  EXPECT_TRUE(address.has("10.0.0.7:9464"));
  EXPECT_FALSE(address.has("10.0.0.8"));
  EXPECT_FALSE(address.has("localhost"));
  const HostNames name = HostNames::of_listener("metrics.internal");
  EXPECT_TRUE(name.has("Metrics.Internal:9464"));
  EXPECT_FALSE(name.has("10.0.0.7"));
}

TEST(HostNames, OfAnyAddressAreAddressesAndTheMachinesOwnName) {
  for (const char* host : {"0.0.0.0", "::", "[::]", ""}) {
    const HostNames own = HostNames::of_listener(host);
    EXPECT_TRUE(own.has("10.1.2.3:9464")) << host;
    EXPECT_TRUE(own.has("[2001:db8::1]")) << host;
    EXPECT_TRUE(own.has("localhost")) << host;
    EXPECT_FALSE(own.has("evil.example:9464")) << host;
  }
}

TEST(HostNames, RefusesWhatIsNoHost) {
  const HostNames own = HostNames::of_listener("0.0.0.0");
  for (const char* host :
       {"", ":9464", "127.0.0.1:", "127.0.0.1:x", "::1", "[127.0.0.1]", "[::1", "127.0.0.1:123456", "user@127.0.0.1"}) {
    EXPECT_FALSE(own.has(host)) << host;
  }
}

}  // namespace
}  // namespace nx::transport
