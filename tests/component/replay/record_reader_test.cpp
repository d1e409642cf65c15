// The reader of ranges against a real broker. It is a part of the module `kafka`; its topics are those of this folder.

#include "component/replay/real_topics.hpp"

namespace nx::replay {
namespace {

using kafka::OffsetRange;
using kafka::RecordReader;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RecordReaderTest : public RealTopics {};

TEST_F(RecordReaderTest, ReadsARangeInOrderWithKeysHeadersAndTimestamps) {
  std::vector<Sent> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back({.value = std::to_string(i),
                    .partition = 1,
                    .key = i == 7 ? "k" : "",
                    .headers = {{"n", std::to_string(i)}},
                    .timestamp = 1'796'025'600'000 + i});
  }
  send(topics_.topic, sent);
  auto from = reader(topics_.topic);
  EXPECT_EQ(from.partitions(), 3);
  EXPECT_THAT(from.bounds().value(), ElementsAre(OffsetRange{0, 0, 0}, OffsetRange{1, 0, 20}, OffsetRange{2, 0, 0}));

  std::vector<kafka::StoredRecord> read;
  const auto done = from.read({.partition = 1, .first = 7, .end = 12}, [&read](kafka::StoredRecord&& record) {
    read.push_back(std::move(record));
    return true;
  });

  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(read.size(), 5U);
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].at, (kafka::Position{1, static_cast<std::int64_t>(7 + i)}));
    EXPECT_EQ(read[i].value, std::to_string(7 + i));
    EXPECT_EQ(read[i].timestamp, 1'796'025'600'007 + static_cast<std::int64_t>(i));
    EXPECT_THAT(read[i].headers, ElementsAre(kafka::Header{"n", std::to_string(7 + i)}));
  }
  EXPECT_EQ(read[0].key, "k");
}

TEST_F(RecordReaderTest, EndsAtTheEndOfThePartitionAndWhenItIsToldTo) {
  send(topics_.topic, {{.value = "a", .partition = 0}, {.value = "b", .partition = 0}});
  auto from = reader(topics_.topic);
  int seen = 0;
  ASSERT_TRUE(from.read({.partition = 0, .first = 0, .end = 1'000}, [&seen](const auto&) { return ++seen > 0; }));
  EXPECT_EQ(seen, 2);
  seen = 0;
  ASSERT_TRUE(from.read({.partition = 0, .first = 0, .end = 1'000}, [&seen](const auto&) { return ++seen < 1; }));
  EXPECT_EQ(seen, 1);
}

TEST_F(RecordReaderTest, WhoStopsItGetsAnErrorInsteadOfTheNextAnswer) {
  send(topics_.topic, {{.value = "a", .partition = 0}, {.value = "b", .partition = 0}});
  std::atomic<bool> stopping{false};
  auto from = RecordReader::open(topics_.connection, {topics_.topic, "SIGNAL_X"}, topics_.patience,
                                 {.at = std::chrono::steady_clock::time_point::max(), .stopping = &stopping});
  ASSERT_TRUE(from) << from.error().message;
  int seen = 0;
  const auto done = from->read({.partition = 0, .first = 0, .end = 2}, [&](const auto&) {
    stopping.store(true);
    return ++seen > 0;
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(seen, 1);
  EXPECT_THAT(done.error().message, HasSubstr("the request ended before the answer about partition 0, offset 1"));
}

TEST_F(RecordReaderTest, FindsTheFirstOffsetOfATime) {
  send(topics_.topic, {{.value = "a", .partition = 0, .timestamp = 1'796'025'600'000},
                       {.value = "b", .partition = 0, .timestamp = 1'796'025'601'000},
                       {.value = "c", .partition = 2, .timestamp = 1'796'025'601'000}});
  auto from = reader(topics_.topic);
  EXPECT_THAT(from.offsets_at({0}).value(), ElementsAre(0, 0, 0));
  EXPECT_THAT(from.offsets_at({1'796'025'600'500}).value(), ElementsAre(1, 0, 0));
  EXPECT_THAT(from.offsets_at({1'796'025'601'001}).value(), ElementsAre(2, 0, 1));
}

TEST_F(RecordReaderTest, AnOffsetBeyondTheEndIsAnErrorThatNamesIt) {
  send(topics_.topic, {{.value = "a", .partition = 0}});
  const auto done =
      reader(topics_.topic).read({.partition = 0, .first = 500, .end = 501}, [](const auto&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("partition 0, offset 500"));
}

TEST_F(RecordReaderTest, AMissingTopicAndAnAbsentBrokerAreErrorsThatNameTheSetting) {
  const auto missing = RecordReader::open(topics_.connection, {"replay-missing", "SIGNAL_X"}, topics_.patience);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("'replay-missing' does not exist; create it or change SIGNAL_X"));
  kafka::ConnectionOptions away = topics_.connection;
  away.brokers = "127.0.0.1:1";
  away.boot_timeout = std::chrono::milliseconds{300};
  const auto absent = RecordReader::open(away, {topics_.topic, "SIGNAL_X"}, topics_.patience);
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr("127.0.0.1:1 not reachable within 300 ms"));
}

}  // namespace
}  // namespace nx::replay
