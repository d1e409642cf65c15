// The bus on a real cluster: three masters, three replicas, and the loss of each kind of node.

#include <map>

#include <gmock/gmock.h>

#include "component/bus/peer.hpp"
#include "component/redis_server.hpp"

namespace nx::bus::testing {
namespace {

using namespace std::chrono_literals;
using nx::testing::RedisCluster;
using nx::testing::RedisServer;

using Clock = std::chrono::steady_clock;

/// The port of the node that the last `bus connected` line names.
std::uint16_t subscribed_at(const std::string& log) {
  const std::size_t line = log.rfind("\"bus connected\"");
  const std::size_t node = log.find("127.0.0.1:", line);
  return static_cast<std::uint16_t>(std::stoi(log.substr(node + 10)));
}

class ClusterBus : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(a.connected() && b.connected()); }

  static bool has_no_subscriber(const RedisServer& node) { return node.cli("client list type pubsub").size() <= 1; }
  bool crosses(const std::string& text) {
    a.bus->publish("ws:user:u", text);
    return eventually([&] {
      const auto messages = b.messages();
      return !messages.empty() && messages.back().second == text;
    });
  }
  /// Until both are connected again after they were away.
  Clock::duration until_connected() {
    const auto begun = Clock::now();
    EXPECT_TRUE(eventually([&] { return a.bus->connected() && b.bus->connected(); }, 30s)) << pipe.text();
    return Clock::now() - begun;
  }

  RedisCluster cluster;
  LogPipe pipe;
  Peer a{cluster.url(), "a", {}, *pipe.log};
  Peer b{cluster.url(), "b"};
};

TEST_F(ClusterBus, CarriesMessagesAndKnowsItsMasters) {
  EXPECT_TRUE(crosses("1"));
  EXPECT_NE(pipe.text().find("\"masters\":3"), std::string::npos) << pipe.text();
}

TEST_F(ClusterBus, InstancesPublishThroughDifferentMasters) {
  const auto published = [this] {
    std::map<std::uint16_t, std::int64_t> calls;
    for (const auto& node : cluster.nodes) {
      const std::string info = node->cli("info commandstats");
      const std::size_t at = info.find("cmdstat_publish:calls=");
      if (at != std::string::npos) calls[node->port()] = std::stoll(info.substr(at + 22));
    }
    return calls;
  };
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 12; ++i) peers.push_back(std::make_unique<Peer>(cluster.url(), "peer " + std::to_string(i)));
  for (const auto& peer : peers) ASSERT_TRUE(peer->connected());
  const auto before = published();
  constexpr int kEach = 500;  // far more than probes and announcements
  for (const auto& peer : peers) {
    for (int i = 0; i < kEach; ++i) peer->bus->publish("ws:user:nobody", "x");
  }
  for (const auto& peer : peers) EXPECT_TRUE(eventually([&] { return peer->bus->stats().published >= kEach; }));
  std::size_t used = 0;
  for (const auto& [port, calls] : published()) {
    const auto was = before.find(port);
    if (calls - (was == before.end() ? 0 : was->second) >= kEach) ++used;
  }
  EXPECT_EQ(used, 3U);
}

TEST_F(ClusterBus, FollowsAFailover) {
  const auto lost = std::find_if(cluster.nodes.begin(), cluster.nodes.end(), [this](const auto& node) {
    return cluster.is_master(*node) && has_no_subscriber(*node);
  });
  ASSERT_NE(lost, cluster.nodes.end());
  (*lost)->end(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !a.bus->connected() && !b.bus->connected(); }));
  EXPECT_TRUE(crosses("while a master is away")) << "two masters and the subscription are there";

  const auto gap = until_connected();

  EXPECT_LE(gap, 10s) << "the cluster's own failover takes about 4 s";
  EXPECT_TRUE(crosses("after"));
}

TEST_F(ClusterBus, TheLossOfAReplicaThatNobodyUsesIsNotFelt) {
  const auto losses = [&] { return a.bus->stats().losses + b.bus->stats().losses; };
  for (const auto& node : cluster.nodes) {
    if (cluster.is_master(*node) || !has_no_subscriber(*node)) continue;
    node->end(SIGKILL);
    std::this_thread::sleep_for(3s);
    EXPECT_EQ(losses(), 0U);
    EXPECT_TRUE(crosses("after"));
    return;
  }
  GTEST_FAIL() << "no replica is free";
}

TEST_F(ClusterBus, TheLossOfTheSubscribersNodeMovesItAtOnce) {
  RedisServer& node = cluster.at(subscribed_at(pipe.text()));
  const bool was_master = cluster.is_master(node);
  node.end(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }));

  const auto gap = until_connected();

  EXPECT_LE(gap, was_master ? 10s : 2s);
  EXPECT_TRUE(crosses("after"));
}

TEST_F(ClusterBus, ANodeThatMessagesDoNotReachIsLeft) {
  // Silent loss (redis #10862): all connections are alive, and what is published elsewhere does not come here.
  RedisServer& node = cluster.at(subscribed_at(pipe.text()));
  node.cli("debug drop-cluster-packet-filter 4");  // CLUSTERMSG_TYPE_PUBLISH

  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }, 12s));
  EXPECT_TRUE(eventually([&] { return a.bus->connected() && b.bus->connected(); }));
  EXPECT_NE(subscribed_at(pipe.text()), node.port());
  EXPECT_TRUE(crosses("after"));
}

TEST_F(ClusterBus, AMasterThatNoLongerBelongsToTheClusterIsNotTheOneThatIsAsked) {
  // It answers, and knows no topology any more; the others do.
  const auto lower = [](const RedisServer* one, const RedisServer* other) { return one->port() < other->port(); };
  std::vector<RedisServer*> masters;
  for (const auto& node : cluster.nodes) {
    if (cluster.is_master(*node)) masters.push_back(node.get());
  }
  (*std::min_element(masters.begin(), masters.end(), lower))->cli("cluster reset hard");
  std::this_thread::sleep_for(12s);  // the failover, and the next look at the topology

  EXPECT_LE(until_connected(), 15s);
  EXPECT_TRUE(crosses("after"));
}

TEST_F(ClusterBus, APausedNodeIsNoticedWithinSixSeconds) {
  RedisServer& node = cluster.at(subscribed_at(pipe.text()));
  node.pause();

  EXPECT_TRUE(eventually([&] { return !a.bus->connected(); }, 6s));
  EXPECT_TRUE(eventually([&] { return a.bus->connected() && b.bus->connected(); }));
  EXPECT_TRUE(crosses("after"));
  node.resume();
}

}  // namespace
}  // namespace nx::bus::testing
