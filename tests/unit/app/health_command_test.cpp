#include <gtest/gtest.h>

#include "app/commands.hpp"

namespace nx::app {
namespace {

config::Configuration listening(std::string host, std::string admin, std::string certificate = {}) {
  config::Configuration configuration;
  configuration.gateway.host = std::move(host);
  configuration.gateway.port = 3000;
  configuration.gateway.tls_cert = std::move(certificate);
  configuration.admin_listen = std::move(admin);
  return configuration;
}

TEST(HealthCommand, AsksTheAdminListenerAndThePublicOneWithoutIt) {
  EXPECT_EQ(health_url(listening("0.0.0.0", "127.0.0.1:9464", "tls.crt"), "live"), "http://127.0.0.1:9464/health/live");
  EXPECT_EQ(health_url(listening("0.0.0.0", "0.0.0.0:9464"), "accept"), "http://127.0.0.1:9464/health/accept");
  EXPECT_EQ(health_url(listening("0.0.0.0", ""), "ready"), "http://127.0.0.1:3000/health/ready");
  EXPECT_EQ(health_url(listening("::", "", "tls.crt"), "ready"), "https://[::1]:3000/health/ready");
  EXPECT_EQ(health_url(listening("pos.internal", ""), "live"), "http://pos.internal:3000/health/live");
  EXPECT_EQ(health_url(listening("", "[fd00::1]:9464"), "live"), "http://[fd00::1]:9464/health/live");
}

}  // namespace
}  // namespace nx::app
