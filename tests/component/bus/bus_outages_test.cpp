// The bus and a Redis that goes, hangs or refuses: how the bus comes back.

#include <gmock/gmock.h>

#include "component/bus/peer.hpp"
#include "component/redis_server.hpp"

namespace nx::bus::testing {
namespace {

using namespace std::chrono_literals;
using nx::testing::RedisServer;
using ::testing::HasSubstr;

TEST(BusOutages, LeavesANodeThatHasBecomeAReplicaAlthoughItsProbesComeBack) {
  RedisServer other;
  RedisServer redis;
  LogPipe pipe;
  Peer a(redis.url(), "a", {}, *pipe.log);
  ASSERT_TRUE(a.connected());

  redis.cli("replicaof 127.0.0.1 " + std::to_string(other.port()));

  EXPECT_TRUE(eventually([&] { return !a.bus->connected(); }, 6s));
  EXPECT_THAT(a.bus->problem(), HasSubstr("is a replica of 127.0.0.1:" + std::to_string(other.port())));
  EXPECT_THAT(a.bus->problem(), HasSubstr("SIGNAL_REDIS_URL"));
  a.bus->publish("ws:user:u", "kept");
  EXPECT_TRUE(eventually([&] { return pipe.text().find("\"use\":\"subscribe\"") != std::string::npos; }))
      << "the subscription looks the name up again too";
  EXPECT_FALSE(a.bus->connected()) << "it is a replica still";
  redis.cli("replicaof no one");
  EXPECT_TRUE(eventually([&] { return a.bus->connected(); })) << a.bus->problem();
  EXPECT_TRUE(eventually([&] { return a.messages() == Peer::Messages{{"ws:user:u", "kept"}}; }));
}

TEST(BusOutages, RedisMayBeAbsentAtFirst) {
  RedisServer redis;
  redis.end();
  Peer a(redis.url(), "a");
  a.bus->publish("ws:user:u", "waits");
  std::this_thread::sleep_for(300ms);
  EXPECT_FALSE(a.bus->connected());

  redis.start();

  ASSERT_TRUE(a.connected());
  EXPECT_EQ(a.bus->stats().dropped.age, 0U);
}

TEST(BusOutages, SaysAfterwardsSinceWhenMessagesMayBeLost) {
  RedisServer redis;
  redis.end();
  const EpochMs started = now_wall();
  Peer a(redis.url(), "a", [](BusOptions& options) { options.behind_at_most = 5s; });
  std::this_thread::sleep_for(2'100ms);  // a first connection that is made sooner ends no gap
  redis.start();
  ASSERT_TRUE(eventually([&] { return a.restored().size() == 1; }));
  EXPECT_GE(a.restored()[0], started);
  Peer b(redis.url(), "b", [](BusOptions& options) { options.behind_at_most = 5s; });
  ASSERT_TRUE(b.connected());

  const EpochMs killed = now_wall();
  redis.end(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }));
  redis.start();

  ASSERT_TRUE(eventually([&] { return a.restored().size() == 2; }));
  EXPECT_GE(a.restored()[1].value, killed.value - 5'000);
  EXPECT_LT(a.restored()[1], now_wall());
  ASSERT_TRUE(eventually([&] { return !b.restored().empty(); }));
  EXPECT_GE(b.restored()[0].value, killed.value - 5'000);
}

TEST(BusOutages, ComesBackAfterARestartAndSendsWhatWaited) {
  RedisServer redis;
  Peer a(redis.url(), "a");
  Peer b(redis.url(), "b");
  ASSERT_TRUE(a.connected() && b.connected());
  redis.end(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !a.bus->connected() && !b.bus->connected(); }));

  redis.start();
  const auto back = std::chrono::steady_clock::now();
  ASSERT_TRUE(a.connected() && b.connected());
  const auto gap = std::chrono::steady_clock::now() - back;
  a.bus->publish("ws:user:u", "after");

  EXPECT_TRUE(eventually([&] { return !b.messages().empty(); }));
  EXPECT_LE(gap, 1s);
  EXPECT_EQ(a.bus->stats().losses, 1U);
}

TEST(BusOutages, APausedServerIsNoticedWithinSixSecondsAndWhatWaitsIsSentAfterwards) {
  RedisServer redis;
  Peer a(redis.url(), "a");
  ASSERT_TRUE(a.connected());
  redis.pause();
  const auto paused = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return !a.bus->connected(); }, 6s));
  EXPECT_GE(std::chrono::steady_clock::now() - paused, 1s) << "a slow answer is no fault";
  a.bus->publish("ws:user:u", "waits");

  redis.resume();

  ASSERT_TRUE(a.connected());
  EXPECT_TRUE(eventually([&] { return a.bus->stats().published >= 1; }));
}

TEST(BusOutages, ASubscriberThatIsCutOffForItsBufferComesBack) {
  RedisServer redis({"--client-output-buffer-limit", "pubsub 1mb 0 0"});
  Peer a(redis.url(), "a");
  ASSERT_TRUE(a.connected());
  redis.cli("client kill type pubsub");

  EXPECT_TRUE(eventually([&] { return a.bus->stats().losses == 1 && a.bus->connected(); }));
}

// Such a Redis refuses writes and, of all reads, PING; publishing and subscribing go on (server.c, processCommand).
TEST(BusOutages, ARedisThatCanNotPersistIsNoReasonToLeaveIt) {
  RedisServer redis({"--save", "3600 1"});
  std::filesystem::remove_all(redis.folder());
  redis.cli("bgsave");
  ASSERT_TRUE(eventually([&redis] { return redis.cli("ping").starts_with("MISCONF"); })) << redis.cli("ping");
  Peer a(redis.url(), "a");
  Peer b(redis.url(), "b", [](BusOptions& options) { options.exact = true; });
  ASSERT_TRUE(a.connected() && b.connected());
  std::this_thread::sleep_for(4'500ms);  // two PINGs
  EXPECT_EQ(a.bus->stats().losses + b.bus->stats().losses, 0U);
  redis.cli("publish ws:broadcast hello");
  EXPECT_TRUE(eventually([&] { return a.messages().size() == 1 && b.messages().size() == 1; }));
}

TEST(BusOutages, AServerThatRefusesForNowIsAskedWithBackOff) {
  RedisServer redis({"--busy-reply-threshold", "10"});
  Peer a(redis.url(), "a");
  ASSERT_TRUE(a.connected());
  std::thread script([&] { redis.cli("eval 'while true do end' 0"); });
  const auto began = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(200ms);
  a.bus->publish("ws:user:u", "waits");
  std::this_thread::sleep_for(4s);
  redis.cli("script kill");
  script.join();

  EXPECT_TRUE(eventually([&] { return a.bus->connected() && a.bus->stats().published >= 1; }));
  const std::string stats = redis.cli("info stats");
  const int connections = std::stoi(stats.substr(stats.find("total_connections_received:") + 27));
  const auto halves = (std::chrono::steady_clock::now() - began) / 500ms;
  EXPECT_LE(connections, 34 + 2 * halves) << "subscriber and publisher, each up to every 500 ms";
}

}  // namespace
}  // namespace nx::bus::testing
