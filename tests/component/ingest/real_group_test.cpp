// Rebalances and membership on a real broker.

#include <cstdio>
#include <cstdlib>
#include <future>
#include <stdexcept>

#include "component/ingest/real_kafka.hpp"
#include "ingest/group_member.hpp"

namespace nx::ingest::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

class RealGroup : public RealKafka {
 protected:
  void SetUp() override { topics.create(topic, 3); }
  std::unique_ptr<GroupMember> join(const KafkaOptions& chosen) {
    GroupMember::Listener listener{.on_revoking = [](const auto&) {},
                                   .on_revoked = [](const auto&) {},
                                   .on_remade = [](const auto&) {},
                                   .on_end = [](auto, auto) {},
                                   .on_unreadable = [] {}};
    auto joined = GroupMember::join(chosen, book.log());
    if (!joined) throw std::runtime_error(joined.error().message);
    (*joined)->listen(std::move(listener));
    return std::move(*joined);
  }
};

TEST_F(RealGroup, FiftyRebalancesUnderLoadLoseNothingAndStoreNothingTwice) {
  auto chosen = options();
  chosen.session_timeout = milliseconds{1'500};  // so heartbeats, by which members hear of a rebalance, come often
  const auto stays = start(chosen);
  Load load{broker.plaintext, topic, 400};
  const auto begin = Clock::now();
  int rebalances = 0;
  std::uint64_t records = 0;
  while (rebalances < 50) {
    const auto joins = start(chosen);
    EXPECT_TRUE(eventually([&] { return joins->consumer().stats().assigned_partitions > 0; }));
    std::this_thread::sleep_for(milliseconds{150});
    (*joins)->stop();
    records += joins->consumer().stats().records;
    rebalances += 2;
    EXPECT_TRUE(eventually([&] { return stays->consumer().stats().assigned_partitions == 3; }));
  }
  const int sent = load.finish();
  EXPECT_TRUE(eventually([&] { return rows.titles().size() == static_cast<std::size_t>(sent); }));
  records += stays->consumer().stats().records;
  std::printf("%d rebalances in %.1f s, %d messages, %zu redelivered\n", rebalances, seconds_since(begin), sent,
              rows.redelivered());
  expect_each_once(rows, sent);
  expect_order(rows);
  // What was read and not stored was in a batch that a rebalance took away.
  EXPECT_GE(records, static_cast<std::uint64_t>(sent) + rows.redelivered());
}

// A call of librdkafka that comes while it closes the consumer can wait for ever (its issue 4884).
TEST_F(RealGroup, AMemberThatLeavesBeforeItServedARebalanceLeavesInTime) {
  auto chosen = options();
  chosen.session_timeout = milliseconds{6'000};
  auto leaves = join(chosen);
  ASSERT_TRUE(eventually([&] {
    leaves->poll(milliseconds{20});
    return leaves->lag().partitions() == 3;
  }));
  std::jthread other([&](const std::stop_token& stop) {
    const auto joins = join(chosen);
    while (!stop.stop_requested()) joins->poll(milliseconds{20});
    joins->leave(seconds{5});
  });
  // A heartbeat, every 100 ms, tells of the rebalance; nobody polls.
  std::this_thread::sleep_for(milliseconds{1'000});

  auto left = std::async(std::launch::async, [&] { leaves->leave(seconds{5}); });

  if (left.wait_for(kPatience * seconds{6}) != std::future_status::ready) {
    std::fprintf(stderr, "it does not leave\n");
    std::_Exit(1);  // it cannot be joined
  }
}

// As when the brokers cannot make __consumer_offsets: librdkafka tries on and reports nothing.
TEST_F(RealGroup, AGroupThatCanNotBeJoinedIsSaidAndTheMemberIsNotReady) {
  auto chosen = options();
  chosen.session_timeout = milliseconds{4'000};
  chosen.instance_id = std::string(40'000, 'i');  // more than a request can carry
  const auto instance = start(chosen);
  EXPECT_TRUE(eventually([&] { return !instance->consumer().ready(); }, seconds{40}));
  EXPECT_TRUE(book.says("kafka group not joined: nothing is consumed here"));
}

TEST_F(RealGroup, WaitingLongerThanTheMaximumPollIntervalCausesNoRebalance) {
  auto chosen = options();
  chosen.session_timeout = seconds{2};
  chosen.max_poll_interval = seconds{2};
  const auto instance = start(chosen);
  send({{.value = message("n0"), .partition = 0}});
  ASSERT_TRUE(eventually([this] { return rows.stored() == 1; }));

  rows.set_away(true);
  send({{.value = message("n1"), .partition = 0}, {.value = message("n2"), .partition = 1}});
  std::this_thread::sleep_for(seconds{6});
  EXPECT_FALSE(instance->consumer().ready());
  EXPECT_TRUE(instance->consumer().holding());
  rows.set_away(false);
  const auto back = Clock::now();

  ASSERT_TRUE(eventually([this] { return rows.stored() == 3; }));
  std::printf("database unavailable for three times max.poll.interval.ms: resumed after %.1f s\n", seconds_since(back));
  EXPECT_LT(seconds_since(back), kPatience * 10);
  EXPECT_EQ(book.lines("kafka partitions assigned").size(), 1U);
  EXPECT_TRUE(book.lines("kafka partitions revoked").empty());
  EXPECT_EQ(rows.redelivered(), 0U);
  expect_each_once(rows, 3);
}

TEST_F(RealGroup, AHeldBatchOfARevokedPartitionIsLeftToItsNewOwnerAndWhatComesIsPaused) {
  rows.set_away(true);
  std::vector<Sent> messages;
  for (int i = 0; i < 90; ++i) messages.push_back({.value = message("n" + std::to_string(i)), .partition = i % 3});
  send(messages);
  const auto first = start(options());
  ASSERT_TRUE(eventually([&] { return first->consumer().stats().retries >= 2; }));
  MemoryRows well;
  Instance second{options(), well, book.log()};  // its database is there

  ASSERT_TRUE(second.start());
  ASSERT_TRUE(eventually([&] { return well.stored() >= 30; }));
  ASSERT_TRUE(eventually([&] { return first->consumer().holding(); })) << "what the rebalance left it";
  std::this_thread::sleep_for(milliseconds{300});
  const auto read = first->consumer().stats().records;
  rows.set_away(false);

  ASSERT_TRUE(eventually([&] { return rows.stored() + well.stored() == 90; }));
  for (const auto& [title, times] : well.titles()) EXPECT_FALSE(rows.titles().contains(title)) << title;
  EXPECT_LE(read, 180U) << "paused partitions were read";
}

// The new owner comes only when the old one is in the middle of a call to the database that takes its time.
TEST_F(RealGroup, APartitionThatIsTakenAwayWhileABatchIsBeingStoredIsStoredOnce) {
  auto slow = options();
  slow.session_timeout = seconds{2};
  slow.max_poll_interval = seconds{2};
  rows.set_delay(seconds{4});
  const auto first = start(slow);
  send({{.value = message("n0"), .partition = 0}, {.value = message("n1"), .partition = 1}});
  ASSERT_TRUE(eventually([this] { return rows.calls() > 0; }));
  const auto second = start(slow);  // over the same rows, as a database is shared
  ASSERT_TRUE(eventually([&] { return second->consumer().stats().assigned_partitions > 0; }));
  rows.set_delay(milliseconds{0});

  ASSERT_TRUE(eventually([this] { return rows.stored() == 2; }));
  send({{.value = message("n2"), .partition = 0}, {.value = message("n3"), .partition = 1}});
  ASSERT_TRUE(eventually([this] { return rows.stored() == 4; }));
  expect_each_once(rows, 4);
  EXPECT_TRUE(eventually([&] {
    return first->consumer().stats().assigned_partitions + second->consumer().stats().assigned_partitions == 3;
  })) << "it did not come back to the group";
}

// One organizer after the other is asked for, together for twice the time within which the group must hear of us.
TEST_F(RealGroup, ABatchThatTakesLongerThanThePollIntervalIsDoneInParts) {
  std::vector<Sent> messages;
  for (int i = 0; i < 24; ++i) {
    const std::string number = std::to_string(i);
    messages.push_back({.value = R"({"recipientScope":"org","organizerId":"o)" + number + R"(","type":"t","title":"n)" +
                                 number + "\"}",
                        .partition = 0});
  }
  send(messages);
  auto slow = options();
  slow.session_timeout = seconds{2};
  slow.max_poll_interval = seconds{3};
  Instance instance{slow, rows, book.log()};
  instance.policies().delay = milliseconds{250};
  ASSERT_TRUE(instance.start());

  ASSERT_TRUE(eventually([this] { return rows.stored() == 24; }));
  EXPECT_GE(book.lines("batch takes long").size(), 2U);
  EXPECT_TRUE(book.lines("kafka partitions revoked").empty());
  EXPECT_EQ(instance->stats().retries, 0U);
  EXPECT_EQ(rows.redelivered(), 0U);

  send({{.value = message("n24"), .partition = 0}});
  EXPECT_TRUE(eventually([&] { return rows.stored() == 25 && instance->ready(); })) << "what was paused goes on";
  expect_each_once(rows, 25);
  expect_order(rows);
}

TEST_F(RealGroup, AStaticMemberThatComesBackWithinTheSessionCausesNoRebalance) {
  auto stays = options();
  stays.instance_id = "signal-0";
  auto comes_and_goes = options();
  comes_and_goes.instance_id = "signal-1";
  const auto first = start(stays);
  auto second = start(comes_and_goes);
  ASSERT_TRUE(eventually([&] {
    return first->consumer().stats().assigned_partitions > 0 && second->consumer().stats().assigned_partitions > 0;
  }));
  const auto before = book.lines("kafka partitions assigned").size();
  (*second)->stop();
  second = start(comes_and_goes);
  ASSERT_TRUE(eventually([&] { return second->consumer().stats().assigned_partitions > 0; }));
  EXPECT_EQ(book.lines("kafka partitions assigned").size(), before + 1) << "the other one was disturbed";

  const auto thief = start(stays);
  ASSERT_TRUE(eventually([&] { return first->consumer().failure().has_value(); }));
  EXPECT_NE(first->consumer().failure()->find("SIGNAL_KAFKA_INSTANCE_ID"), std::string::npos);
}

}  // namespace
}  // namespace nx::ingest::testing
