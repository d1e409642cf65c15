// Partitions do not wait for each other: a batch that hangs, one that is held back, letters that cannot leave.

#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RealLanes : public RealKafka {
 protected:
  void SetUp() override { topics.create(topic, 3); }

  std::int64_t committed_of(std::int32_t partition) const {
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", broker.plaintext));
    EXPECT_TRUE(kafka::set(conf.get(), "group.id", group));
    const kafka::ClientHandle client = std::move(*kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
    const kafka::PartitionList list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    if (rd_kafka_committed(client.get(), list.get(), 5'000) != RD_KAFKA_RESP_ERR_NO_ERROR) return -2;
    return list->elems[0].offset;
  }
  std::vector<Sent> titled(const std::string& stem, int count, std::int32_t partition) const {
    std::vector<Sent> messages;
    for (int i = 0; i < count; ++i) {
      messages.push_back({.value = message(stem + std::to_string(i)), .partition = partition});
    }
    return messages;
  }
  /// Lets what hangs go on before the consumers end, whatever has become of the test: made after them.
  struct LetGoOn {
    MemoryRows& rows;
    ~LetGoOn() { rows.let_go_on(); }
  };
};

// For four times the longest time that a member may stay away from its polls.
TEST_F(RealLanes, ABatchThatHangsDelaysNoOtherPartitionAndCausesNoRebalance) {
  auto chosen = options();
  chosen.session_timeout = seconds{2};
  chosen.max_poll_interval = seconds{2};
  rows.hang_for("hangs");
  const auto instance = start(chosen);
  const LetGoOn at_the_end{rows};
  send({{.value = message("hangs"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.calls() == 1; }));

  std::size_t sent = 0;
  for (int round = 0; round < 16; ++round) {
    send(titled("a" + std::to_string(round) + "-", 2, 1));
    send(titled("b" + std::to_string(round) + "-", 2, 2));
    sent += 4;
    EXPECT_TRUE(eventually([&] { return rows.stored() == sent; })) << "behind a batch of another partition";
    std::this_thread::sleep_for(milliseconds{500});
  }
  EXPECT_FALSE(rows.titles().contains("hangs"));
  EXPECT_TRUE(eventually([&] { return committed_of(1) == 32 && committed_of(2) == 32; }));
  EXPECT_LE(committed_of(0), 0);

  rows.let_go_on();
  EXPECT_TRUE(eventually([&] { return rows.stored() == sent + 1; }));
  EXPECT_TRUE(eventually([&] { return committed_of(0) == 1; }));
  EXPECT_EQ(book.lines("kafka partitions assigned").size(), 1U);
  EXPECT_TRUE(book.lines("kafka partitions revoked").empty());
  EXPECT_EQ(rows.redelivered(), 0U);
  for (const auto& [title, times] : rows.titles()) EXPECT_EQ(times, 1) << title;
  expect_order(rows);
}

TEST_F(RealLanes, APartitionWhoseBatchIsHeldBackIsPausedAlone) {
  rows.set_away_for("held");
  const auto instance = start(options());
  send({{.value = message("held"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().held_partitions == 1; }));
  EXPECT_FALSE(instance->consumer().ready());

  send(titled("a", 300, 1));
  send(titled("behind", 5, 0));
  EXPECT_TRUE(eventually([&] { return rows.stored() == 300; }));
  EXPECT_TRUE(eventually([&] { return committed_of(1) == 300; }));
  EXPECT_EQ(instance->consumer().stats().held_partitions, 1);
  EXPECT_LE(committed_of(0), 0);

  rows.set_away_for("");
  EXPECT_TRUE(eventually([&] { return rows.stored() == 306 && instance->consumer().ready(); }));
  expect_order(rows);
}

// The last free worker takes small batches of several partitions together.
TEST_F(RealLanes, WhatFailsForSeveralPartitionsIsTriedAloneAndOnlyTheCulpritIsHeldBack) {
  rows.hang_for("hangs");
  rows.set_away_for("held");
  const auto instance = start(options());
  const LetGoOn at_the_end{rows};
  send({{.value = message("hangs"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.hanging() == 1; }));
  for (std::size_t round = 0; round < 10; ++round) {
    send({{.value = message("held"), .partition = 1}, {.value = message("a" + std::to_string(round)), .partition = 2}});
    EXPECT_TRUE(eventually([&] { return rows.stored() == round + 1; }));
  }
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().held_partitions == 1; }));
  EXPECT_TRUE(eventually([&] { return committed_of(2) == 10; }));
  EXPECT_LE(committed_of(1), 0);

  rows.set_away_for("");
  rows.let_go_on();
  EXPECT_TRUE(eventually([&] { return rows.stored() == 21; }));
  EXPECT_TRUE(eventually([&] { return committed_of(1) == 10 && committed_of(0) == 1; }));
  expect_order(rows);
}

// Both held partitions' next tries hang: one of the two workers stays free for the others.
TEST_F(RealLanes, TwoPartitionsThatAreHeldBackLeaveAWorkerToTheThird) {
  rows.set_away_for("held");
  const auto instance = start(options());
  const LetGoOn at_the_end{rows};
  send({{.value = message("held"), .partition = 0}, {.value = message("held"), .partition = 1}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().held_partitions == 2; }));
  rows.hang_for("held");
  ASSERT_TRUE(eventually([&] { return rows.hanging() == 1; }));

  for (std::size_t round = 0; round < 60; ++round) {
    send(titled(std::to_string(round) + "-", 1, 2));
    EXPECT_TRUE(eventually([&] { return rows.stored() == round + 1; }));
    EXPECT_EQ(rows.hanging(), 1U);
    std::this_thread::sleep_for(milliseconds{100});
  }
  rows.set_away_for("");
  rows.let_go_on();
  EXPECT_TRUE(eventually([&] { return rows.stored() == 62; }));
}

TEST_F(RealLanes, LettersThatCanNotLeaveHoldTheirPartitionAlone) {
  const std::string dlq = unique_name("dead");
  topics.create(dlq, 1);
  auto chosen = options();
  chosen.dlq_topic = dlq;
  const auto instance = start(chosen);
  send({{.value = "{bad", .partition = 0}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().dlq == 1; }));
  topics.remove(dlq);

  send({{.value = "{bad", .partition = 0}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().held_partitions == 1; }, seconds{30}));
  for (int round = 0; round < 20; ++round) {
    const auto before = rows.stored();
    send(titled(std::to_string(round) + "-", 1, 1));
    EXPECT_TRUE(eventually([&] { return rows.stored() == before + 1; }));
  }
  EXPECT_EQ(instance->consumer().stats().dlq, 1U);

  topics.create(dlq, 1);
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().dlq == 2; }, seconds{30}));
  EXPECT_TRUE(eventually([&] { return instance->consumer().ready(); }));
}

// Nothing is committed but by the revocation. One batch hangs beyond what a revocation waits for.
TEST_F(RealLanes, WhatIsDoneIsCommittedWhenAPartitionIsTakenAway) {
  auto chosen = options();
  chosen.commit_interval = seconds{3'600};
  rows.hang_for("hangs");
  const auto first = start(chosen);
  send(titled("a", 10, 0));
  send(titled("b", 10, 1));
  ASSERT_TRUE(eventually([this] { return rows.stored() == 20; }));
  const auto calls = rows.calls();
  send({{.value = message("hangs"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return rows.calls() > calls; }));

  const auto second = start(chosen);
  const LetGoOn at_the_end{rows};
  ASSERT_TRUE(eventually([&] { return second->consumer().stats().assigned_partitions > 0; }));

  EXPECT_TRUE(eventually([&] { return committed_of(0) == 10 && committed_of(1) == 10; }));
  rows.let_go_on();
  ASSERT_TRUE(eventually([this] { return rows.stored() == 21; }));
  send(titled("c", 5, 0));
  EXPECT_TRUE(eventually([this] { return rows.stored() == 26; }));
  for (const auto& [title, times] : rows.titles()) EXPECT_EQ(times, 1) << title;
  expect_order(rows);
}

TEST_F(RealLanes, ABatchThatEndsWhileItsPartitionIsTakenAwayIsCommittedWithIt) {
  auto chosen = options();
  chosen.commit_interval = seconds{3'600};
  rows.set_delay(milliseconds{1'000});
  const auto first = start(chosen);
  send({{.value = message("n0"), .partition = 0}, {.value = message("n1"), .partition = 1}});
  ASSERT_TRUE(eventually([this] { return rows.calls() > 0; }));
  const auto second = start(chosen);
  ASSERT_TRUE(eventually([&] { return second->consumer().stats().assigned_partitions > 0; }));
  EXPECT_TRUE(eventually([this] { return rows.stored() == 2; }));
  EXPECT_TRUE(eventually([&] { return committed_of(0) == 1 && committed_of(1) == 1; }));
  EXPECT_EQ(rows.redelivered(), 0U);
}

TEST_F(RealLanes, OnePartitionIsReadOnWhileItsBatchIsBeingStored) {
  rows.set_delay(milliseconds{20});
  std::vector<Sent> messages;
  for (int i = 0; i < 20'000; ++i) messages.push_back({.value = message("n" + std::to_string(i)), .partition = 0});
  send(messages);
  const auto instance = start(options());
  ASSERT_TRUE(eventually([this] { return rows.stored() == 20'000; }, seconds{60}));
  expect_each_once(rows, 20'000);
  expect_order(rows);
  // Batches are full: what comes while one is stored makes the next.
  EXPECT_LE(rows.calls(), 160U);
  EXPECT_TRUE(eventually([&] { return committed_of(0) == 20'000; }));
}

}  // namespace
}  // namespace nx::ingest::testing
