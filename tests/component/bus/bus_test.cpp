// The bus against a real Redis: what it carries, and to whom.

#include <cstdio>

#include <gmock/gmock.h>

#include "component/bus/peer.hpp"
#include "component/redis_server.hpp"

namespace nx::bus::testing {
namespace {

using namespace std::chrono_literals;
using nx::testing::RedisServer;
using ::testing::HasSubstr;

TEST(Bus, CarriesMessagesOfAllKindsFromOneToAnotherInOrder) {
  RedisServer redis;
  Peer a(redis.url(), "a");
  Peer b(redis.url(), "b");
  ASSERT_TRUE(a.connected() && b.connected());

  const Peer::Messages sent{{"ws:broadcast", "1"}, {"ws:room:r", "2"},    {"ws:client:c", "3"},
                            {"ws:user:ü", "4"},    {"signal:users", "5"}, {"ws:room:", "6"}};
  for (const auto& [channel, message] : sent) a.bus->publish(channel, message);

  EXPECT_TRUE(eventually([&] { return b.messages().size() >= sent.size(); }));
  EXPECT_EQ(b.messages(), sent);
  EXPECT_TRUE(eventually([&] { return a.messages().size() >= sent.size(); })) << "its own come back too";
  EXPECT_EQ(b.bus->stats().received, sent.size());
}

TEST(Bus, KnowsTheOtherInstances) {
  RedisServer redis;
  Peer a(redis.url(), "a");
  ASSERT_TRUE(a.connected());
  Peer b(redis.url(), "b");

  EXPECT_TRUE(eventually([&] { return a.bus->stats().instances == 2; }));
}

TEST(Bus, AnotherProcessWithItsIdIsAnError) {
  RedisServer redis;
  LogPipe pipe;
  Peer a(redis.url(), "a", {}, *pipe.log);
  ASSERT_TRUE(a.connected());
  EXPECT_THAT(redis.cli(R"(publish signal:instances '{"id":"a","address":"10.0.0.9:1","started":1}')"), HasSubstr("1"));

  EXPECT_TRUE(eventually([&] { return pipe.text().find("two instances have the same id") != std::string::npos; }));
  EXPECT_THAT(pipe.text(), HasSubstr("10.0.0.9:1"));
}

TEST(Bus, WhatIsTooLargeIsSkippedAndWhatFollowsArrives) {
  RedisServer redis;
  Peer a(redis.url(), "a");
  Peer b(redis.url(), "b", [](BusOptions& options) { options.max_message_bytes = 1'000; });
  ASSERT_TRUE(a.connected() && b.connected());

  a.bus->publish("ws:user:u", std::string(1U << 20U, 'x'));
  a.bus->publish("ws:user:u", std::string(1'000, 'y'));

  EXPECT_TRUE(eventually([&] { return !b.messages().empty(); }));
  EXPECT_EQ(b.messages(), (Peer::Messages{{"ws:user:u", std::string(1'000, 'y')}}));
  EXPECT_EQ(b.skipped(), (std::vector<std::size_t>{1U << 20U}));
}

TEST(Bus, ExactModeHearsOnlyWhatIsWanted) {
  RedisServer redis;
  Peer a(redis.url(), "a", [](BusOptions& options) { options.exact = true; });
  ASSERT_TRUE(a.connected());
  std::atomic<bool> confirmed{false};
  a.bus->subscribe({"ws:user:u1", "ws:room:r1"}, [&] { confirmed = true; });
  ASSERT_TRUE(eventually([&] { return confirmed.load(); }));

  a.bus->publish("ws:user:u2", "not wanted");
  a.bus->publish("ws:user:u1", "wanted");
  a.bus->publish("ws:broadcast", "common");
  EXPECT_TRUE(eventually([&] { return a.messages().size() == 2; }));
  EXPECT_EQ(a.messages(), (Peer::Messages{{"ws:user:u1", "wanted"}, {"ws:broadcast", "common"}}));

  a.bus->unsubscribe({"ws:user:u1"});
  EXPECT_TRUE(eventually([&] { return redis.cli("pubsub numsub ws:user:u1").find("0") != std::string::npos; }));
}

TEST(Bus, ExactModeSubscribesForTwentyThousandClientsAgainAfterARestart) {
  constexpr int kClients = 20'000;
  // A hundredth of Redis' own limit: all confirmations at once would be ten times as much.
  RedisServer redis({"--client-output-buffer-limit", "pubsub 320kb 0 0"});
  Peer a(redis.url(), "a", [](BusOptions& options) { options.exact = true; });
  ASSERT_TRUE(a.connected());
  std::atomic<int> confirmed{0};
  for (int i = 0; i < kClients; ++i) {
    const std::string user = "ws:user:u" + std::to_string(i), client = "ws:client:c" + std::to_string(i),
                      room = "ws:room:c" + std::to_string(i);
    a.bus->subscribe({user, client, room}, [&] { ++confirmed; });
  }
  ASSERT_TRUE(eventually([&] { return confirmed == kClients; }));

  redis.end();
  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }));
  std::atomic<bool> told{false};
  a.bus->subscribe({"ws:user:new"}, [&] { told = true; });
  EXPECT_TRUE(eventually([&] { return told.load(); }, 1s)) << "nobody waits for a link that is down";
  redis.start();
  const auto back = std::chrono::steady_clock::now();

  ASSERT_TRUE(a.connected());
  const auto took = std::chrono::steady_clock::now() - back;
  std::printf("exact mode: %d channels subscribed again in %.2f s\n", 3 * kClients + 1,
              std::chrono::duration<double>(took).count());
  a.bus->publish("ws:user:u19999", "1");
  a.bus->publish("ws:user:new", "2");
  EXPECT_TRUE(eventually([&] { return a.messages().size() == 2; }));
  EXPECT_EQ(a.bus->stats().losses, 1U) << "it was cut off for the size of its output buffer";
}

TEST(Bus, StopSendsWhatWaits) {
  RedisServer redis;
  Peer b(redis.url(), "b");
  ASSERT_TRUE(b.connected());
  {
    Peer a(redis.url(), "a");
    ASSERT_TRUE(a.connected());
    for (int i = 0; i < 1'000; ++i) a.bus->publish("ws:user:u", std::to_string(i));
    a.bus->stop(1s);
  }
  EXPECT_TRUE(eventually([&] { return b.messages().size() == 1'000; }));
}

}  // namespace
}  // namespace nx::bus::testing
