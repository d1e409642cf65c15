// What single messages do to the whole consumer, on a real broker: poison, dead letters, sizes, clocks.

#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class RealMessages : public RealKafka {
 protected:
  void SetUp() override { topics.create(topic, 3, {{"max.message.bytes", "3000000"}}); }

  KafkaOptions with_dlq(const std::map<std::string, std::string>& config = {}) {
    topics.create(dlq, 1, config);
    auto chosen = options();
    chosen.dlq_topic = dlq;
    return chosen;
  }
  std::vector<Read> letters(std::size_t count) { return read_all(broker.plaintext, dlq, count); }

  const std::string dlq = unique_name("dead");
};

std::string deep_json(int depth) {
  return R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"deep","data":{"a":)" +
         std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']') + "}}";
}

TEST_F(RealMessages, WhatCanNeverBeStoredLeavesForTheDlqAsItCameAndItsNeighboursDoNotWait) {
  const std::vector<std::string> poison{
      "{not json",
      message("nul \\u0000"),
      message("x", R"(,"data":{"a":"\u0000"})"),
      message("x", R"(,"unknown":{"\ud800":1})"),
      message("x", R"(,"actorId":"\udfff")"),
      message("x", R"(,"data":{"a":1e200000})"),
      message("x", R"(,"unknown":1e200000)"),
      deep_json(10'000),
      R"({"recipientScope":"everyone","type":"t","title":"x"})",
      std::string("\xff\xfe"),
  };
  std::vector<Sent> messages;
  for (std::size_t i = 0; i < poison.size(); ++i) {
    messages.push_back({.value = message("n" + std::to_string(i)), .partition = 0});
    messages.push_back(
        {.value = poison[i], .partition = 0, .key = "k" + std::to_string(i), .headers = {{"own", "header"}}});
  }
  send(messages);

  const auto instance = start(with_dlq());

  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().dlq == poison.size(); }));
  expect_each_once(rows, static_cast<int>(poison.size()));
  const auto dead = letters(poison.size());
  ASSERT_EQ(dead.size(), poison.size());
  for (std::size_t i = 0; i < dead.size(); ++i) {
    EXPECT_EQ(dead[i].value, poison[i]);
    EXPECT_EQ(dead[i].key, "k" + std::to_string(i));
    EXPECT_EQ(dead[i].headers.at("own"), "header");
    EXPECT_EQ(dead[i].headers.at("signal.topic"), topic);
    EXPECT_EQ(dead[i].headers.at("signal.partition"), "0");
    EXPECT_EQ(dead[i].headers.at("signal.offset"), std::to_string(2 * i + 1));
    EXPECT_FALSE(dead[i].headers.at("signal.reason").empty());
    EXPECT_TRUE(book.says("offset=" + std::to_string(2 * i + 1) + " reason=")) << i;
  }
  EXPECT_EQ(instance->consumer().stats().poison, poison.size());
  EXPECT_EQ(instance->consumer().stats().dlq_lost, 0U);
  (*instance)->stop();
  EXPECT_EQ(committed(broker.plaintext, topic, group), static_cast<std::int64_t>(messages.size()));
}

TEST_F(RealMessages, AMessageOfOneMebibyteWhoseFieldsAreTooLargeLeavesForTheDlqWhole) {
  const std::string large = message("large", R"(,"body":")" + std::string(1U << 20U, 'x') + '"');
  send({{.value = message("n0"), .partition = 0},
        {.value = large, .partition = 0},
        {.value = message("n1"), .partition = 0}});

  const auto instance = start(with_dlq({{"max.message.bytes", "3000000"}}));

  ASSERT_TRUE(eventually([&] { return rows.stored() == 2 && instance->consumer().stats().dlq == 1; }));
  EXPECT_EQ(letters(1).at(0).value, large);
}

TEST_F(RealMessages, AMessageOfOneMebibyteOfUnknownFieldsIsStoredWithoutThem) {
  send({{.value = message("n0", R"(,"colour":")" + std::string(1U << 20U, 'x') + '"'), .partition = 0}});

  const auto instance = start(options());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 1; }));
  EXPECT_EQ(instance->consumer().stats().extra_dropped, 1U);
}

TEST_F(RealMessages, AMessageWithHalfAnEmojiIsStoredWithU_FFFDAndCounted) {
  send({{.value = message("Paid \\ud83d", R"(,"data":{"note":"\udc00"},"colour":"\ud83d")"), .partition = 0}});

  const auto instance = start(with_dlq());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 1; }));
  EXPECT_EQ(instance->consumer().stats().replaced_surrogates, 3U);
  EXPECT_EQ(instance->consumer().stats().poison, 0U);
}

// Only what is too large itself is lost: letters that travel together must not be judged together.
TEST_F(RealMessages, ALetterThatTheDlqFindsTooLargeIsLostWithAnErrorLineAndTheOthersArrive) {
  std::vector<Sent> messages;
  for (int i = 0; i < 6; ++i) messages.push_back({.value = "{bad " + std::string(6'000, 'x'), .partition = 0});
  messages.push_back({.value = "{bad " + std::string(60'000, 'x'), .partition = 0});
  messages.push_back({.value = message("n0"), .partition = 0});
  send(messages);

  const auto instance = start(with_dlq({{"max.message.bytes", "10000"}}));

  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().poison == 7; }));
  EXPECT_EQ(instance->consumer().stats().dlq, 6U);
  EXPECT_EQ(instance->consumer().stats().dlq_lost, 1U);
  EXPECT_EQ(letters(6).size(), 6U);
  const auto lost = book.lines("dead letter lost");
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_NE(lost[0].find(" error "), std::string::npos);
  EXPECT_NE(lost[0].find("offset=6"), std::string::npos) << lost[0];
  EXPECT_EQ(rows.stored(), 1U);
}

TEST_F(RealMessages, WhenTheDlqTopicIsDeletedLettersWaitAndGoOnWhenItIsBack) {
  const auto instance = start(with_dlq());
  send({{.value = "{bad 0", .partition = 0}, {.value = message("n0"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().dlq == 1; }));
  topics.remove(dlq);

  // What stands behind a letter may wait with it, what stands before it does not.
  send({{.value = message("n1"), .partition = 0},
        {.value = "{bad 1", .partition = 0},
        {.value = message("n2"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().retries >= 2; }, seconds{30}));
  EXPECT_GE(rows.stored(), 2U) << "the neighbour waited for a letter";
  EXPECT_FALSE(instance->consumer().ready());
  EXPECT_EQ(instance->consumer().stats().dlq, 1U);
  EXPECT_EQ(instance->consumer().stats().dlq_lost, 0U);
  EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == 3; }));
  std::this_thread::sleep_for(seconds{1});
  EXPECT_EQ(committed(broker.plaintext, topic, group), 3) << "a letter's offset was committed before it was sent";
  EXPECT_TRUE(book.says("dead letters held back"));

  topics.create(dlq, 1);
  const auto back = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().dlq == 2; }, seconds{30}));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - back;
  std::printf("DLQ topic back: letters go on after %.1f s\n", took.count());
  EXPECT_LT(took.count(), kPatience * 10);
  EXPECT_TRUE(eventually([&] { return instance->consumer().ready() && rows.stored() == 3; }));
  EXPECT_EQ(letters(1).at(0).value, "{bad 1");
}

TEST_F(RealMessages, AClockThatIsAnHourOffMakesNoHintTooOldOrAgeNegative) {
  const std::int64_t now = now_wall().value;
  const std::int64_t hour = 3'600'000;
  send({{.value = message("n0"), .partition = 0, .timestamp = now - hour - 5'000},
        {.value = message("n1"), .partition = 0, .timestamp = now + hour},
        {.value = message("n2"), .partition = 0}});

  const auto instance = start(options());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 3; }));
  expect_each_once(rows, 3);
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().oldest_unstored == milliseconds{0}; }));
  const auto stats = instance->consumer().stats();
  EXPECT_EQ(stats.record_to_commit.count(), 3U);
  EXPECT_GE(stats.record_to_commit.sum, hours{1});
  EXPECT_LT(stats.record_to_commit.sum, hours{1} + kPatience * seconds{60});
}

TEST_F(RealMessages, ARecordOlderThanTheRetentionIsCommittedUnstoredAndCounted) {
  const std::int64_t now = now_wall().value;
  const std::int64_t day = 86'400'000;
  send({{.value = message("old"), .partition = 0, .timestamp = now - 2 * day - 1'000},
        {.value = "{old and bad", .partition = 0, .timestamp = now - 3 * day},
        {.value = message("n0"), .partition = 0, .timestamp = now - 2 * day + 60'000}});
  auto chosen = options();
  chosen.retention = hours{48};

  const auto instance = start(chosen);

  ASSERT_TRUE(eventually([&] { return rows.stored() == 1; }));
  expect_each_once(rows, 1);
  EXPECT_EQ(instance->consumer().stats().expired, 2U);
  EXPECT_EQ(instance->consumer().stats().poison, 0U);
  (*instance)->stop();
  EXPECT_EQ(committed(broker.plaintext, topic, group), 3);
}

TEST_F(RealMessages, WhileTheClockIsNotKnownToBeRightNoRecordIsTooOld) {
  const std::int64_t day = 86'400'000;
  send({{.value = message("n0"), .partition = 0, .timestamp = now_wall().value - 3 * day}});
  auto chosen = options();
  chosen.retention = hours{48};
  chosen.clock_is_right = [] { return false; };

  const auto instance = start(chosen);

  EXPECT_TRUE(eventually([&] { return rows.stored() == 1; }));
  EXPECT_EQ(instance->consumer().stats().expired, 0U);
}

// A few kilobytes on the wire: read as JSON it would take gigabytes, here and in every instance after this one.
TEST_F(RealMessages, ARecordThatUnpacksToFarMoreThanAMessageIsPoisonUnread) {
  Producer packing{broker.plaintext, "gzip"};
  packing.send(topic, {{.value = message("bomb", ",\"q\":\"" + std::string(9'000'000, 'a') + '"'), .partition = 0}});
  send({{.value = message("n0"), .partition = 0}});

  const auto instance = start(options());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 1 && instance->consumer().stats().poison == 1; }));
  expect_each_once(rows, 1);
  EXPECT_TRUE(book.says("bytes, the limit is 8388608"));
  (*instance)->stop();
  EXPECT_EQ(committed(broker.plaintext, topic, group), 2);
}

// librdkafka unpacks at most 100 MB, and fetches what it cannot unpack again for ever.
TEST_F(RealMessages, ABatchThatCanNotBeUnpackedIsLeftOutAndTheOthersOfItsPartitionAreStored) {
  Producer packing{broker.plaintext, "zstd"};
  send({{.value = message("n0"), .partition = 0}});
  packing.send(topic, {{.value = std::string(120'000'000, 'a'), .partition = 0}});
  send({{.value = message("n1"), .partition = 0}});
  packing.send(topic, {{.value = std::string(120'000'000, 'b'), .partition = 0}});
  send({{.value = message("n2"), .partition = 0}, {.value = message("n3"), .partition = 0}});

  const auto instance = start(options());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 4; }, seconds{60}));
  expect_each_once(rows, 4);
  expect_order(rows);
  EXPECT_EQ(instance->consumer().stats().poison, 2U);
  const auto lines = book.lines("records cannot be unpacked: left out");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("partition=0 offset=1"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("partition=0 offset=3"), std::string::npos) << lines[1];
  (*instance)->stop();
  EXPECT_EQ(committed(broker.plaintext, topic, group), 6);
}

TEST_F(RealMessages, ATimestampInAnotherUnitCostsTheNotificationNeitherItsRowNorItsHint) {
  const std::int64_t now = now_wall().value;
  send({{.value = message("n0"), .partition = 0, .timestamp = now / 1'000},
        {.value = message("n1"), .partition = 0, .timestamp = now * 1'000},
        {.value = message("n2"), .partition = 0, .timestamp = 7}});
  auto chosen = options();
  chosen.retention = hours{48};
  LogBook lines;

  Instance instance(chosen, rows, lines.log());
  ASSERT_TRUE(instance.start());

  ASSERT_TRUE(eventually([&] { return rows.stored() == 3; }));
  expect_each_once(rows, 3);
  EXPECT_EQ(instance->stats().odd_timestamps, 3U);
  EXPECT_EQ(instance->stats().expired, 0U);
  EXPECT_EQ(instance.notified().hints_too_old.value(), 0U);
  const auto said = lines.lines("record's timestamp is not in milliseconds");
  ASSERT_EQ(said.size(), 1U) << lines.text();
  for (const std::string& part : {"topic=" + topic, std::string("partition=0"), std::string("offset=0"),
                                  "timestamp=" + std::to_string(now / 1'000)}) {
    EXPECT_NE(said.front().find(part), std::string::npos) << said.front();
  }
}

TEST_F(RealMessages, LagAndAgeGrowWhileTheDatabaseIsAwayAndAreNoneAfterwards) {
  const auto instance = start(options());
  send({{.value = message("n0"), .partition = 0}});
  ASSERT_TRUE(eventually([&] { return rows.stored() == 1; }));
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().lag_messages == 0; }));
  EXPECT_EQ(instance->consumer().stats().assigned_partitions, 3);

  rows.set_away(true);
  std::vector<Sent> more;
  for (int i = 1; i <= 700; ++i) more.push_back({.value = message("n" + std::to_string(i)), .partition = i % 3});
  send(more);
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().lag_messages == 700; }));
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().oldest_unstored > milliseconds{500}; }));
  more.clear();
  for (int i = 701; i <= 1'000; ++i) more.push_back({.value = message("n" + std::to_string(i)), .partition = i % 3});
  send(more);  // behind paused partitions
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().lag_messages == 1'000; }));

  rows.set_away(false);
  ASSERT_TRUE(eventually([&] { return rows.stored() == 1'001; }));
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().lag_messages == 0; }));
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().oldest_unstored == milliseconds{0}; }));
  expect_each_once(rows, 1'001);
  EXPECT_EQ(instance->consumer().stats().record_to_commit.count(), 1'001U);
  const auto lines = book.lines("batch stored");
  ASSERT_FALSE(lines.empty());
  EXPECT_NE(lines[0].find("partition=0 first_offset=0 last_offset=0 messages=1"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace nx::ingest::testing
