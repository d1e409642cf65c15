#include "component/ingest/fixture.hpp"

namespace nx::ingest::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Sent> numbered(int from, int to) {
  std::vector<Sent> messages;
  for (int i = from; i < to; ++i) messages.push_back({.value = message("n" + std::to_string(i)), .partition = i % 3});
  return messages;
}

bool each_once(const std::map<std::string, int>& titles) {
  return std::all_of(titles.begin(), titles.end(), [](const auto& one) { return one.second == 1; });
}
using KafkaConsumerTest = Ingest;

TEST_F(KafkaConsumerTest, StoresEveryMessageOfThreePartitionsOnce) {
  producer->send(kTopic, numbered(0, 600));

  const auto consumer = start(options());

  ASSERT_TRUE(eventually([this] { return rows.stored() == 600; }));
  EXPECT_EQ(rows.titles().size(), 600U);
  EXPECT_TRUE(each_once(rows.titles()));
  EXPECT_TRUE(consumer->ready());
  EXPECT_EQ(consumer->stats().records, 600U);
}

TEST_F(KafkaConsumerTest, StoresAKeyThatIsSentTwiceOnce) {
  producer->send(kTopic, {{.value = message("first", R"(,"id":"k1")"), .partition = 0},
                          {.value = message("second", R"(,"id":"k1")"), .partition = 0},
                          {.value = message("last"), .partition = 0}});

  const auto consumer = start(options());

  ASSERT_TRUE(eventually([this] { return rows.titles().contains("last"); }));
  EXPECT_EQ(rows.titles(), (std::map<std::string, int>{{"first", 1}, {"last", 1}}));
}

TEST_F(KafkaConsumerTest, ARestartReadsNothingTwiceAndLosesNothing) {
  producer->send(kTopic, numbered(0, 90));
  auto consumer = start(options());
  ASSERT_TRUE(eventually([this] { return rows.stored() == 90; }));
  consumer->stop();
  producer->send(kTopic, numbered(90, 180));

  consumer = start(options());

  ASSERT_TRUE(eventually([this] { return rows.stored() == 180; }));
  EXPECT_TRUE(each_once(rows.titles()));
  EXPECT_EQ(rows.redelivered(), 0U) << "an offset was not committed";
  EXPECT_EQ(consumer->stats().records, 90U);
}

TEST_F(KafkaConsumerTest, AnExceptionEndsConsumingWithItsReasonAndCommitsNothingOfTheBatch) {
  rows.broken_title = "broken";
  producer->send(kTopic, {{.value = message("broken"), .partition = 0}});
  auto broken = start(options());

  ASSERT_TRUE(eventually([&] { return broken->failure().has_value(); }));
  EXPECT_NE(broken->failure()->find("broken on purpose"), std::string::npos) << *broken->failure();
  EXPECT_FALSE(broken->ready());
  broken.reset();

  rows.broken_title.clear();
  const auto next = start(options());
  EXPECT_TRUE(eventually([this] { return rows.titles().contains("broken"); }));
}

TEST_F(KafkaConsumerTest, ASecondMemberTakesOverWithoutReadingAgain) {
  producer->send(kTopic, numbered(0, 90));
  const auto first = start(options());
  ASSERT_TRUE(eventually([this] { return rows.stored() == 90; }));
  ASSERT_TRUE(eventually([this] { return committed(broker->bootstrap(), kTopic) == 90; }));

  const auto second = start(options());
  int sent = 90;
  ASSERT_TRUE(eventually([&] {
    producer->send(kTopic, numbered(sent, sent + 3));
    sent += 3;
    return second->stats().records > 0;
  }));

  ASSERT_TRUE(eventually([&] { return rows.stored() == static_cast<std::size_t>(sent); }));
  EXPECT_TRUE(each_once(rows.titles()));
}

TEST_F(KafkaConsumerTest, LeavingCommitsWhatTheTimerHasNot) {
  auto chosen = options();
  chosen.commit_interval = seconds{3600};
  producer->send(kTopic, numbered(0, 90));
  const auto consumer = start(chosen);
  ASSERT_TRUE(eventually([this] { return rows.stored() == 90; }));

  consumer->stop();

  EXPECT_EQ(committed(broker->bootstrap(), kTopic), 90);
}

TEST_F(KafkaConsumerTest, APoisonMessageNeverBlocksItsNeighbours) {
  rows.refused_title = "refused";
  producer->send(kTopic, {{.value = message("before"), .partition = 0},
                          {.value = "{not json", .partition = 0},
                          {.value = message("refused"), .partition = 0},
                          {.value = "", .partition = 0},
                          {.value = message("after"), .partition = 0}});

  const auto consumer = start(options());

  ASSERT_TRUE(eventually([this] { return rows.stored() == 2; }));
  ASSERT_TRUE(eventually([&] { return consumer->stats().poison == 2; }));
  EXPECT_EQ(rows.titles(), (std::map<std::string, int>{{"before", 1}, {"after", 1}}));
  EXPECT_EQ(consumer->stats().empty, 1U);
  consumer->stop();
  const auto again = start(options());
  producer->send(kTopic, {{.value = message("new"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  EXPECT_EQ(again->stats().records, 1U) << "poison was not committed";
}

TEST_F(KafkaConsumerTest, PoisonGoesToTheDeadLetterTopicAsItCameWithTheReason) {
  ASSERT_TRUE(broker->create_topic("dead", 1));
  auto chosen = options();
  chosen.dlq_topic = "dead";
  producer->send(kTopic, {{.value = "{not json", .partition = 2, .key = "k", .headers = {{"own", "header"}}}});

  const auto consumer = start(chosen);

  const auto dead = read_all(broker->bootstrap(), "dead", 1);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].key, "k");
  EXPECT_EQ(dead[0].value, "{not json");
  EXPECT_EQ(dead[0].headers.at("own"), "header");
  EXPECT_EQ(dead[0].headers.at("signal.topic"), kTopic);
  EXPECT_EQ(dead[0].headers.at("signal.partition"), "2");
  EXPECT_EQ(dead[0].headers.at("signal.offset"), "0");
  EXPECT_GT(std::stoll(dead[0].headers.at("signal.timestamp")), 1'700'000'000'000);
  EXPECT_TRUE(dead[0].headers.at("signal.reason").starts_with("not JSON"));
  EXPECT_TRUE(eventually([&] { return consumer->stats().dlq == 1; }));
}

TEST_F(KafkaConsumerTest, WaitsForTheDatabaseAndThenStoresAllOnce) {
  rows.set_away(true);
  producer->send(kTopic, numbered(0, 300));
  const auto consumer = start(options());
  ASSERT_TRUE(eventually([&] { return consumer->stats().retries >= 3; }));
  EXPECT_FALSE(consumer->ready());
  EXPECT_EQ(rows.stored(), 0U);
  producer->send(kTopic, numbered(300, 600));

  rows.set_away(false);

  ASSERT_TRUE(eventually([this] { return rows.stored() == 600; }));
  EXPECT_TRUE(each_once(rows.titles()));
  EXPECT_EQ(rows.redelivered(), 0U);
  EXPECT_EQ(consumer->stats().records, 600U);
  EXPECT_TRUE(eventually([&] { return consumer->ready(); }));
}

TEST_F(KafkaConsumerTest, ReadsNoFurtherWhileItWaits) {
  rows.set_away(true);
  producer->send(kTopic, numbered(0, 30'000));
  const auto consumer = start(options());
  ASSERT_TRUE(eventually([&] { return consumer->stats().held_partitions == 3; }));
  const auto retries = consumer->stats().retries;
  ASSERT_TRUE(eventually([&] { return consumer->stats().retries >= retries + 3; }));
  const auto held = consumer->stats().records;

  ASSERT_TRUE(eventually([&] { return consumer->stats().retries >= retries + 9; }));

  EXPECT_EQ(consumer->stats().records, held);
  EXPECT_LT(held, 30'000U);
}

TEST_F(KafkaConsumerTest, AnotherMemberThatComesWhileItWaitsCausesNoLoss) {
  rows.set_away(true);
  producer->send(kTopic, numbered(0, 300));
  const auto first = start(options());
  ASSERT_TRUE(eventually([&] { return first->stats().retries >= 2; }));

  const auto second = start(options());
  ASSERT_TRUE(eventually([&] { return second->stats().retries >= 2; }));
  rows.set_away(false);

  ASSERT_TRUE(eventually([this] { return rows.stored() == 300; }));
  EXPECT_TRUE(each_once(rows.titles()));
}

TEST_F(KafkaConsumerTest, StopsQuicklyWhileItWaits) {
  rows.set_away(true);
  producer->send(kTopic, numbered(0, 30));
  const auto consumer = start(options());
  ASSERT_TRUE(eventually([&] { return consumer->stats().retries >= 4; }));

  const auto begin = Clock::now();
  consumer->stop();

  EXPECT_LT(Clock::now() - begin, kPatience * seconds{2});
  rows.set_away(false);
  const auto again = start(options());
  EXPECT_TRUE(eventually([this] { return rows.stored() == 30; })) << "an offset was committed too early";
}

TEST_F(KafkaConsumerTest, IsNotReadyWhileTheBrokerIsAwayAndGoesOnAfterwards) {
  const auto consumer = start(options());
  producer->send(kTopic, numbered(0, 3));
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));

  broker->down();
  EXPECT_TRUE(eventually([&] { return !consumer->ready(); }));
  broker->up();

  EXPECT_TRUE(eventually([&] { return consumer->ready(); }));
  producer->send(kTopic, numbered(3, 6));
  EXPECT_TRUE(eventually([this] { return rows.stored() == 6; }));
}

TEST_F(KafkaConsumerTest, StopsInBoundedTimeWhileTheBrokerIsAway) {
  const auto consumer = start(options());
  producer->send(kTopic, numbered(0, 3));
  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  broker->down();
  ASSERT_TRUE(eventually([&] { return !consumer->ready(); }));

  const auto begin = Clock::now();
  consumer->stop();

  EXPECT_LT(Clock::now() - begin, kPatience * seconds{10});
}

TEST_F(KafkaConsumerTest, RefusesToStartWithoutItsTopic) {
  auto chosen = options();
  chosen.topic = "missing";
  broker->deny_topic("missing");

  const auto started = make(chosen)->start();

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "Kafka topic 'missing' does not exist; create it or change SIGNAL_KAFKA_TOPIC");
}

TEST_F(KafkaConsumerTest, RefusesToStartWithoutItsDeadLetterTopic) {
  auto chosen = options();
  chosen.dlq_topic = "missing";
  broker->deny_topic("missing");

  const auto started = make(chosen)->start();

  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("SIGNAL_KAFKA_DLQ_TOPIC"), std::string::npos);
}

TEST_F(KafkaConsumerTest, RefusesToStartWithoutBrokersWithinTheBootTimeOut) {
  auto chosen = options();
  broker->down();
  chosen.boot_timeout = milliseconds{700};

  const auto begin = Clock::now();
  const auto started = make(chosen)->start();

  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("not reachable within 700 ms"), std::string::npos) << started.error().message;
  EXPECT_NE(started.error().message.find("SIGNAL_KAFKA_BROKERS"), std::string::npos);
  EXPECT_LT(Clock::now() - begin, kPatience * seconds{3});
}

TEST_F(KafkaConsumerTest, RefusesASettingThatLibrdkafkaRefusesWithItsName) {
  auto chosen = options();
  chosen.offset_reset = "yesterday";

  const auto started = make(chosen)->start();

  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("auto.offset.reset"), std::string::npos);
}

}  // namespace
}  // namespace nx::ingest::testing
