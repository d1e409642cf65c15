// A consumer that takes every partition instead of joining its group, as in `nx-signal dev`.

#include "component/ingest/fixture.hpp"

namespace nx::ingest::testing {
namespace {

using EveryPartitionTest = Ingest;

KafkaOptions of_all(KafkaOptions options) {
  options.partitions = KafkaOptions::Partitions::all;
  return options;
}

std::vector<Sent> one_each(const std::string& title) {
  std::vector<Sent> messages;
  for (int partition = 0; partition < 3; ++partition) {
    messages.push_back({.value = message(title + std::to_string(partition)), .partition = partition});
  }
  return messages;
}

TEST_F(EveryPartitionTest, AConsumerOfEveryPartitionHasThemAllWhenItHasStarted) {
  const auto consumer = start(of_all(options()));

  EXPECT_EQ(consumer->stats().assigned_partitions, 3);
  EXPECT_TRUE(consumer->ready());
  producer->send(kTopic, one_each("m"));
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
}

TEST_F(EveryPartitionTest, AConsumerOfEveryPartitionCommitsAtItsEndAndContinuesThere) {
  auto chosen = of_all(options());
  chosen.commit_interval = std::chrono::hours{1};
  producer->send(kTopic, one_each("before"));
  auto consumer = start(chosen);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  consumer->stop();
  EXPECT_EQ(committed(broker->bootstrap(), kTopic), 3);
  producer->send(kTopic, one_each("after"));

  consumer = start(chosen);

  ASSERT_TRUE(eventually([this] { return rows.stored() == 6; }));
  EXPECT_EQ(rows.redelivered(), 0U);
  EXPECT_EQ(consumer->stats().records, 3U);
}

TEST_F(EveryPartitionTest, AConsumerOfEveryPartitionGoesOnAfterTheBrokerWasAway) {
  const auto consumer = start(of_all(options()));
  producer->send(kTopic, one_each("before"));
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  broker->down();
  ASSERT_TRUE(eventually([&] { return !consumer->ready(); }));
  broker->up();

  producer->send(kTopic, one_each("after"));

  ASSERT_TRUE(eventually([this] { return rows.stored() == 6; }));
  EXPECT_TRUE(eventually([&] { return consumer->ready(); }));
  EXPECT_FALSE(consumer->failure());
}

}  // namespace
}  // namespace nx::ingest::testing
