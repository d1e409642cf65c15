#include "gateway_fixture.hpp"

namespace nx::gateway {

using LimitsTest = GatewayTest;

TEST_F(LimitsTest, ASlowConsumerIsClosed1013AndTheOthersAreNotDelayed) {
  options.session.backpressure_bytes = 64'000;
  start();
  TestClient slow(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(slow.connect(issuer.token("\"slow\"")));
  TestClient quick = client("\"quick\"");

  const auto text = payload(std::string(20'000, 'x'));
  for (int i = 0; i < 200; ++i) {
    gateway->fan_out().to_everyone(text);
    ASSERT_EQ(quick.receive().size(), text->size()) << i;
  }

  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 1; }));
  int whole = 0;
  std::string received;
  while ((received = slow.receive()).size() == text->size()) ++whole;
  EXPECT_EQ(received, "close 1013 Slow consumer");
  EXPECT_LT(whole, 200);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(LimitsTest, AnOldFrameOverTheLimitIsEnoughToBeSlow) {
  options.session.backpressure_bytes = 200'000;
  options.slow_client.frame_age = std::chrono::milliseconds(300);
  start();
  TestClient slow(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(slow.connect(issuer.token("\"slow\"")));
  const auto text = payload(std::string(20'000, 'x'));
  ASSERT_TRUE(eventually([&] {
    if (gateway->stats().queued_bytes <= options.session.backpressure_bytes) gateway->fan_out().to_everyone(text);
    return gateway->stats().queued_bytes > options.session.backpressure_bytes;
  }));
  EXPECT_EQ(gateway->stats().connections, 1U);
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 0; }));
}

TEST_F(LimitsTest, OverTheTotalTheFullestClientGoesFirst) {
  options.queued_bytes_total = 1'000'000;
  options.slow_client.drop_after = std::chrono::milliseconds(300);
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
  for (int i = 0; i < 15; ++i) ASSERT_EQ(half.receive().size(), text->size());
  EXPECT_EQ(half.receive(), "alive");
}

TEST_F(LimitsTest, TheUsersOldestConnectionMakesRoom) {
  options.max_connections_per_user = 3;
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(client());
  EXPECT_EQ(clients[0].receive(), "close 4008 Too many connections");
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 3; }));
}

TEST_F(LimitsTest, WhoHasBeenSilentLongestMakesRoomAndNotTheLiveOne) {
  options.max_connections_per_user = 2;
  start();
  TestClient live = client();
  TestClient silent = client();
  // Each answered message is a turn of its own, at whose time the client was last received from.
  for (int i = 0; i < 3; ++i) {
    live.say(R"({"event":"ping"})");
    ASSERT_TRUE(live.receive().starts_with(R"({"event":"pong")"));
  }
  const TestClient third = client();
  EXPECT_EQ(silent.receive(), "close 4008 Too many connections");
  live.say(R"({"event":"ping"})");
  EXPECT_TRUE(live.receive().starts_with(R"({"event":"pong")"));
}

TEST_F(LimitsTest, BeforeConnectedAMessageOver16KiBIsClosed1009) {
  start();
  TestClient one(gateway->port());
  ASSERT_EQ(one.upgrade(), 101);
  one.say(std::string(16U * 1024U, 'x'));
  EXPECT_EQ(one.receive(), R"(in clear: {"event":"error","data":{"message":"Invalid message format"}})");
  one.say(std::string(16U * 1024U + 1, 'x'));
  EXPECT_EQ(one.receive(), "close 1009 Received too big message");
  TestClient two = client();
  two.say(R"({"event":"ping","id":")" + std::string(100'000, 'y') + R"("})");
  EXPECT_GT(two.receive().size(), 100'000U);
}

TEST_F(LimitsTest, EmptyFragmentsWithoutEndAreClosed1008) {
  start();
  TestClient one(gateway->port());
  ASSERT_EQ(one.upgrade(), 101);
  std::string frames = std::string("\x01\x80\0\0\0\0", 6);
  for (int i = 0; i < 10'000; ++i) frames.append("\0\x80\0\0\0\0", 6);
  one.send_raw(frames);
  EXPECT_EQ(one.receive(), "close 1008 Rate limit");
}

TEST_F(LimitsTest, ALargeMessageInOrdinaryFragmentsIsOneMessage) {
  start();
  TestClient one = client();
  const std::string text = R"({"event":"ping","id":")" + std::string(120'000, 'y') + R"("})";
  for (int message = 0; message < 3; ++message) {
    for (std::size_t at = 0; at < text.size(); at += 1'024) {
      const bool last = at + 1'024 >= text.size();
      one.send_frame(at == 0 ? 1 : 0, std::string_view(text).substr(at, 1'024), last);
    }
    EXPECT_GT(one.receive().size(), 120'000U);
  }
}

TEST_F(LimitsTest, HalfMessagesAreCountedUntilTheyEnd) {
  start();
  const auto half_messages = [&] {
    return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::half_messages)];
  };
  {
    TestClient one = client();
    one.send_frame(1, std::string(60'000, 'y'), false);
    EXPECT_TRUE(eventually([&] { return half_messages() >= 60'000; }));
    one.send_frame(0, "", true);
    one.receive();
    EXPECT_TRUE(eventually([&] { return half_messages() == 0; }));
    one.send_frame(1, std::string(60'000, 'y'), false);
    EXPECT_TRUE(eventually([&] { return half_messages() >= 60'000; }));
  }
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(LimitsTest, NamesOfAQuestionAreCountedUntilItIsAnswered) {
  std::mutex mutex;
  std::function<void()> answer;
  lookups.allowed_rooms = [&](const std::vector<session::RoomsQuestion>& asked, runtime::EventLoop& loop,
                              const auto& answered) {
    const std::lock_guard lock(mutex);
    answer = [&loop, answered, count = asked.size()] {
      loop.post([answered, count] { answered(std::vector<std::vector<RoomName>>(count)); });
    };
  };
  start();
  const auto questions = [&] { return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::questions)]; };
  TestClient one = client();
  EXPECT_TRUE(eventually([&] { return questions() == 0; })) << "the token is answered";
  std::string join = R"({"event":"join","data":{"rooms":["org:0")";
  for (int i = 1; i < 100; ++i) join += ",\"org:" + std::string(100, 'x') + std::to_string(i) + '"';
  one.say(join + "]}}");
  EXPECT_TRUE(eventually([&] { return questions() >= 30'000; })) << "three copies of each";
  {
    const std::lock_guard lock(mutex);
    answer();
  }
  EXPECT_TRUE(eventually([&] { return questions() == 0; }));
}

TEST_F(LimitsTest, NamesThatWaitForAnAnswerAreGivenBackByAClientThatEnds) {
  lookups.allowed_rooms = [](const std::vector<session::RoomsQuestion>&, runtime::EventLoop&, const auto&) {
  };  // silent
  start();
  std::string join = R"({"event":"join","data":{"rooms":["org:0")";
  for (int i = 1; i < 500; ++i) join += ",\"org:" + std::string(200, 'x') + std::to_string(i) + '"';
  join += "]}}";
  const auto held = [&] { return gateway->stats().queued_bytes; };
  for (const bool says_goodbye : {true, false}) {
    TestClient one = client();
    one.send_frame(1, join, true);
    EXPECT_TRUE(eventually([&] { return held() >= 200U * 200U; })) << "their real size";
    if (says_goodbye) {
      one.send_frame(8, "", true);
      EXPECT_TRUE(eventually([&] { return held() == 0; }));
    }
  }
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
}

TEST_F(LimitsTest, RoomsThatTheDatabaseDoesNotAnswerForAreCounted) {
  lookups.allowed_rooms = [](const std::vector<session::RoomsQuestion>&, runtime::EventLoop& loop, const auto& done) {
    loop.post([done] { done(fail(ErrorKind::unavailable, "away")); });
  };
  start();
  TestClient one = client();
  one.say(R"({"event":"join","data":{"rooms":["org:1","merchant:2"]}})");
  EXPECT_TRUE(eventually([&] { return gateway->stats().rooms_left_out == 2; }));
}

TEST_F(LimitsTest, OverTheTotalWhoHoldsTheLargestHalfMessageGoesFirst) {
  options.queued_bytes_total = 150'000;
  start();
  TestClient most = client("\"most\"");
  TestClient little = client("\"little\"");
  little.send_frame(1, std::string(60'000, 'y'), false);
  most.send_frame(1, std::string(100'000, 'y'), false);
  EXPECT_EQ(most.receive(), "close 1013 Slow consumer");
  little.send_frame(0, "", true);
  EXPECT_EQ(little.receive(), R"({"event":"error","data":{"message":"Invalid message format"}})");
}

TEST_F(LimitsTest, OneAddressIsBoundedWhenATrustedProxyNamesIt) {
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

TEST_F(LimitsTest, MoreMessagesThanTheBurstAreClosed1008) {
  start();
  TestClient one = client();
  for (int i = 0; i < 200; ++i) one.say(R"({"event":"heartbeat"})");
  EXPECT_EQ(one.receive(), "close 1008 Rate limit");
}

TEST_F(LimitsTest, AnExpiredTokenIsClosed4005) {
  options.session.token_expiry_spread = std::chrono::milliseconds(0);
  start();
  TestClient one(gateway->port());
  ASSERT_TRUE(one.connect(issuer.token("\"u1\"", std::chrono::seconds(-4))));
  EXPECT_EQ(one.receive(), "close 4005 Token expired");
}

}  // namespace nx::gateway
