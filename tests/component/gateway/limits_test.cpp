#include "house.hpp"

namespace nx::gateway {

TEST_F(GatewayTest, ASlowConsumerIsClosed1013AndTheOthersAreNotDelayed) {
  options.backpressure_bytes = 64'000;
  start();
  TestClient slow(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(slow.connect(issuer.token("\"slow\"")));
  TestClient quick = client("\"quick\"");

  const auto text = payload(std::string(20'000, 'x'));
  for (int i = 0; i < 200; ++i) {
    gateway->fan_out().to_everyone(text);
    ASSERT_EQ(quick.hear().size(), text->size()) << i;
  }

  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 1; }));
  int whole = 0;
  std::string heard;
  while ((heard = slow.hear()).size() == text->size()) ++whole;
  EXPECT_EQ(heard, "close 1013 Slow consumer");
  EXPECT_LT(whole, 200);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(GatewayTest, AnOldFrameOverTheLimitIsEnoughToBeSlow) {
  options.backpressure_bytes = 200'000;
  options.slow_frame_age = std::chrono::milliseconds(300);
  start();
  TestClient slow(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(slow.connect(issuer.token("\"slow\"")));
  const auto text = payload(std::string(20'000, 'x'));
  ASSERT_TRUE(eventually([&] {
    if (gateway->stats().queued_bytes <= options.backpressure_bytes) gateway->fan_out().to_everyone(text);
    return gateway->stats().queued_bytes > options.backpressure_bytes;
  }));
  EXPECT_EQ(gateway->stats().connections, 1U);
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 0; }));
}

TEST_F(GatewayTest, OverTheTotalTheFullestClientGoesFirst) {
  options.queued_bytes_total = 1'000'000;
  options.slow_drop_after = std::chrono::milliseconds(300);
  start();
  TestClient full(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(full.connect(issuer.token("\"full\"")));
  TestClient half(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(half.connect(issuer.token("\"half\"")));
  const auto text = payload(std::string(20'000, 'x'));
  for (int i = 0; i < 15; ++i) gateway->fan_out().to_user({"half"}, text);
  ASSERT_TRUE(eventually([&] {
    gateway->fan_out().to_user({"full"}, text);
    return gateway->stats().connections == 1;
  }));
  gateway->fan_out().to_user({"half"}, payload("alive"));
  for (int i = 0; i < 15; ++i) ASSERT_EQ(half.hear().size(), text->size());
  EXPECT_EQ(half.hear(), "alive");
}

TEST_F(GatewayTest, TheUsersOldestConnectionMakesRoom) {
  options.max_connections_per_user = 3;
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(client());
  EXPECT_EQ(clients[0].hear(), "close 4008 Too many connections");
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 3; }));
}

TEST_F(GatewayTest, OneAddressIsBoundedWhenATrustedProxyNamesIt) {
  options.max_connections_per_address = 1;
  options.trusted_proxies = {"127.0.0.1"};
  start();
  TestClient first(gateway->port());
  EXPECT_EQ(first.upgrade("X-Forwarded-For: 192.0.2.7\r\n"), 101);
  TestClient second(gateway->port());
  EXPECT_EQ(second.upgrade("X-Forwarded-For: 192.0.2.7\r\n"), 503);
  TestClient other(gateway->port());
  EXPECT_EQ(other.upgrade("X-Forwarded-For: 192.0.2.8\r\n"), 101);
  TestClient balancer(gateway->port());
  EXPECT_EQ(balancer.upgrade(), 101);
  TestClient balancer_too(gateway->port());
  EXPECT_EQ(balancer_too.upgrade(), 101);
}

TEST_F(GatewayTest, MoreMessagesThanTheBurstAreClosed1008) {
  start();
  TestClient one = client();
  for (int i = 0; i < 200; ++i) one.say(R"({"event":"heartbeat"})");
  EXPECT_EQ(one.hear(), "close 1008 Rate limit");
}

TEST_F(GatewayTest, AnExpiredTokenIsClosed4005) {
  options.token_expiry_spread = std::chrono::milliseconds(0);
  start();
  TestClient one(gateway->port());
  ASSERT_TRUE(one.connect(issuer.token("\"u1\"", std::chrono::seconds(-4))));
  EXPECT_EQ(one.hear(), "close 4005 Token expired");
}

}  // namespace nx::gateway
