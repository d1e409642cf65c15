#include "gateway_fixture.hpp"

namespace nx::gateway {

using StreamTest = GatewayTest;

TEST_F(StreamTest, AHandshakeEndsInConnectedAndPushesOpen) {
  start();
  TestClient one = client();

  EXPECT_NE(one.connected().find(R"(,"userId":"u1","time":")"), std::string::npos);
  gateway->fan_out().to_user({"u1"}, payload(R"({"event":"e","data":1})"));
  EXPECT_EQ(one.receive(), R"({"event":"e","data":1})");
}

TEST_F(StreamTest, AForgedTokenIsClosed4003) {
  start();
  TestClient one(gateway->port());
  const Issuer other;
  EXPECT_FALSE(one.connect(other.token("\"u1\"")));
  EXPECT_EQ(one.connected(), R"({"event":"error","data":{"message":"Authentication failed"}})");
  EXPECT_EQ(one.receive(), "close 4003 Authentication failed");
  one.send_frame(8, "\x0f\xa3");
  EXPECT_TRUE(one.ended());
}

TEST_F(StreamTest, NoAuthenticateIsClosed4001) {
  options.session.auth_timeout = std::chrono::milliseconds(200);
  start();
  TestClient one(gateway->port());
  ASSERT_EQ(one.upgrade(), 101);
  EXPECT_EQ(one.receive(), "close 4001 Authentication timeout");
}

TEST_F(StreamTest, HintsCarryEachRecipientsOwnSequence) {
  start();
  TestClient one = client("\"u1\"");
  TestClient two = client("\"u2\"");
  TestClient twice = client("\"u2\"");

  const std::size_t here =
      gateway->fan_out().hint(payload(R"({"event":"c","data":{})"),
                              {{{"u1"}, 5, 1}, {{"u2"}, 7, 2}, {{"absent"}, 1, 1}}, {EpochMs{now_wall().value - 30}});

  EXPECT_EQ(here, 2U);
  EXPECT_EQ(one.receive(), R"({"event":"c","data":{},"seq":5,"unread":1})");
  EXPECT_EQ(two.receive(), R"({"event":"c","data":{},"seq":7,"unread":2})");
  EXPECT_EQ(twice.receive(), R"({"event":"c","data":{},"seq":7,"unread":2})");
  const auto waited = gateway->stats().record_to_frame;
  EXPECT_EQ(waited.count(), 3U) << "one a frame";
  EXPECT_GE(waited.sum, std::chrono::milliseconds{90});
}

TEST_F(StreamTest, ABroadcastReachesAHundredClientsOnTwoWorkersInOrder) {
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(client("\"u" + std::to_string(i) + "\""));

  constexpr int kPushes = 50;
  for (int i = 0; i < kPushes; ++i)
    gateway->fan_out().to_everyone(payload(R"({"event":"n","data":)" + std::to_string(i) + "}"));

  for (TestClient& each : clients) {
    for (int i = 0; i < kPushes; ++i) ASSERT_EQ(each.receive(), R"({"event":"n","data":)" + std::to_string(i) + "}");
  }
}

TEST_F(StreamTest, ManyThreadsPushAndEachKeepsItsOrder) {
  options.queued_bytes_total = 0;
  start();
  TestClient one = client();
  constexpr int kPushes = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kPushes; ++i) {
        const auto text = payload(std::to_string(t) + " " + std::to_string(i));
        if (i % 2 == 0) {
          gateway->fan_out().to_user({"u1"}, text);
        } else {
          gateway->fan_out().to_everyone(text);
        }
      }
    });
  }
  std::array<int, 3> next{};
  for (int i = 0; i < 3 * kPushes; ++i) {
    const std::string received = one.receive();
    const auto thread = static_cast<std::size_t>(received.at(0) - '0');
    ASSERT_EQ(received.substr(2), std::to_string(next.at(thread)++));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(StreamTest, ExclusionsAreClientIdsAndAnOwnIdIsARoom) {
  start();
  TestClient one = client();
  TestClient two = client("\"u2\"");

  gateway->fan_out().to_everyone(payload("all but one"), {{one.id()}});
  gateway->fan_out().to_room({"ws-notification"}, payload("room"));
  gateway->fan_out().to_room({one.id()}, payload("own room"));
  gateway->fan_out().to_client({two.id()}, payload("client"));

  EXPECT_EQ(one.receive(), "room");
  EXPECT_EQ(one.receive(), "own room");
  EXPECT_EQ(two.receive(), "all but one");
  EXPECT_EQ(two.receive(), "room");
  EXPECT_EQ(two.receive(), "client");
}

TEST_F(StreamTest, RoomsAreJoinedWhereThePolicyAllowsAndLostWhenItNoLongerDoes) {
  auto allowed = std::make_shared<std::atomic<bool>>(true);
  lookups.allowed_rooms = [allowed](const std::vector<session::RoomsQuestion>& questions, runtime::EventLoop& home,
                                    const auto& done) {
    std::vector<std::vector<RoomName>> answers;
    for (const session::RoomsQuestion& question : questions) {
      answers.emplace_back();
      for (const RoomName& room : question.rooms) {
        if (*allowed && room.value != "org:forbidden") answers.back().push_back(room);
      }
    }
    home.post([answers, done] { done(answers); });
  };
  options.session.room_check_interval = std::chrono::milliseconds(50);
  start();
  TestClient one = client();
  one.say(R"({"event":"join","data":{"rooms":["org:1","org:forbidden"]}})");
  one.say(R"({"event":"ping"})");
  one.receive();
  ASSERT_TRUE(eventually([&] {
    gateway->fan_out().to_room({"org:forbidden"}, payload("never"));
    gateway->fan_out().to_room({"org:1"}, payload("in"));
    one.patience = std::chrono::milliseconds(20);
    return one.receive() == "in";
  }));
  *allowed = false;
  EXPECT_TRUE(eventually([&] {
    gateway->fan_out().to_room({"org:1"}, payload("in"));
    return one.receive() == "end";
  }));
}

TEST_F(StreamTest, LivePushesWaitForTheMissedOnes) {
  std::mutex mutex;
  std::function<void()> answer;
  lookups.missed = [&](const UserId&, std::int64_t since, std::size_t, runtime::EventLoop& home, const auto& done) {
    const std::lock_guard lock(mutex);
    answer = [&home, done, since] {
      home.post([done, since] {
        session::MissedHints page;
        page.hints = {{since + 1, "row 1"}, {since + 2, "row 2"}};
        page.newest_seq = since + 2;
        page.unread = 2;
        done(std::move(page));
      });
    };
  };
  start();
  TestClient one = client("\"u1\"", ",\"since\":10");
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return static_cast<bool>(answer);
  }));
  gateway->fan_out().hint(payload("{"), {{{"u1"}, 12, 2}}, {now_wall()});
  gateway->fan_out().hint(payload("{"), {{{"u1"}, 13, 3}}, {now_wall()});
  answer();

  EXPECT_EQ(one.receive(), "row 1");
  EXPECT_EQ(one.receive(), "row 2");
  EXPECT_EQ(one.receive(), R"({"event":"caught-up","data":{"count":2,"complete":true,"seq":12,"unread":2}})");
  EXPECT_EQ(one.receive(), R"({,"seq":13,"unread":3})");
}

TEST_F(StreamTest, SealedMessagesFromTheClientOpen) {
  start();
  TestClient one = client();
  one.say(one.seal(R"({"event":"ping","id":"x"})"));
  EXPECT_TRUE(one.receive().starts_with(R"({"event":"pong","data":{"id":"x","time":")"));
}

TEST_F(StreamTest, BinaryAndFragmentedMessagesAreReadAsText) {
  start();
  TestClient one = client();
  one.send_frame(2, R"({"event":"ping"})");
  EXPECT_TRUE(one.receive().starts_with(R"({"event":"pong")"));
}

TEST_F(StreamTest, APingIsAnsweredAndACloseIsEchoed) {
  start();
  TestClient one = client();
  one.send_frame(9, "hello");
  const TestClient::Frame pong = one.read_frame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "hello");
  one.send_frame(8, std::string("\x0f\xa0") + "bye");
  EXPECT_EQ(one.read_frame().close_code(), 4000);
  EXPECT_TRUE(one.ended());
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 0; }));
}

TEST_F(StreamTest, ProtocolErrorsAreClosedWithTheirCodes) {
  options.max_message_bytes = 1'000;
  start();
  TestClient big = client();
  big.say(std::string(1'001, 'x'));
  EXPECT_EQ(big.receive(), "close 1009 Received too big message");
  TestClient text = client();
  text.say("\xff");
  EXPECT_EQ(text.read_frame().close_code(), 1007);
  TestClient binary = client();
  binary.send_frame(2, "\xff");
  EXPECT_EQ(binary.read_frame().close_code(), 1007);
  TestClient reserved = client();
  reserved.send_frame(3, "");
  EXPECT_EQ(reserved.read_frame().close_code(), 1002);
  EXPECT_TRUE(reserved.ended());
}

TEST_F(StreamTest, SilenceBringsAPing) {
  options.session.ping_interval = std::chrono::milliseconds(150);
  start();
  TestClient one = client();
  EXPECT_EQ(one.read_frame().opcode, 9);
}

TEST_F(StreamTest, ShutdownSendsWhatIsQueuedThenCloses1001) {
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 10; ++i) clients.push_back(client("\"u" + std::to_string(i) + "\""));
  gateway->fan_out().to_everyone(payload("last"));
  std::thread ending([this] { gateway->shutdown(); });
  for (TestClient& each : clients) {
    EXPECT_EQ(each.receive(), "last");
    EXPECT_EQ(each.receive(), "close 1001 Server shutting down");
    each.send_frame(8, "\x03\xe9");
  }
  ending.join();
  EXPECT_FALSE(gateway->accepting());
  EXPECT_FALSE(TestClient(gateway->port()).is_connected());
}

}  // namespace nx::gateway
