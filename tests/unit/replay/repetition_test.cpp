#include "replay/repetition.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/activity_message.hpp"

namespace nx::replay {
namespace {

using kafka::Header;
using kafka::StoredRecord;
using testing::ElementsAre;
using testing::HasSubstr;

const Destination kThreePartitions{"notifications", 3};
const std::string kGood = R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"x"})";

StoredRecord letter(std::vector<Header> more = {}) {
  StoredRecord record{.at = {5, 70}, .timestamp = 1'796'025'600'999, .key = "o1", .headers = {}, .value = "{"};
  record.headers = {{"traceparent", "00-1"},           {"signal.reason", "message: is cut"},
                    {"signal.topic", "notifications"}, {"signal.partition", "2"},
                    {"signal.offset", "17"},           {"signal.timestamp", "1796025600000"}};
  for (Header& one : more) record.headers.push_back(std::move(one));
  return record;
}

StoredRecord notification(std::vector<Header> headers = {}) {
  return {
      .at = {1, 9}, .timestamp = 1'796'025'600'000, .key = std::nullopt, .headers = std::move(headers), .value = kGood};
}

TEST(Repetition, OfADeadLetterHasItsKeyAndHeadersAndTheIdentityOfItsMessage) {
  const Repetition made = repetition(letter(), "dlq", From::dlq, kThreePartitions, kGood);

  EXPECT_EQ(made.source, "notifications/2/17/1796025600000");
  EXPECT_EQ(made.record.key, "o1");
  EXPECT_EQ(made.record.value, kGood);
  EXPECT_THAT(made.record.headers, ElementsAre(Header{"traceparent", "00-1"}, Header{"signal.replay-of", made.source},
                                               Header{"signal.replay-from", "dlq"}));
}

TEST(Repetition, OfADeadLetterIsNewInThePartitionOfItsMessage) {
  const auto made = repetition(letter(), "dlq", From::dlq, kThreePartitions).record;

  EXPECT_EQ(made.partition, 2);
  EXPECT_EQ(made.timestamp, std::nullopt);
  EXPECT_EQ(made.value, "{") << "its own value when no other is given";
}

TEST(Repetition, OfADeadLetterGoesByItsKeyWhereThePartitionIsNotThatOfThisTopic) {
  EXPECT_EQ(repetition(letter(), "dlq", From::dlq, {"notifications", 2}).record.partition, std::nullopt);
  EXPECT_EQ(repetition(letter(), "dlq", From::dlq, {"others", 3}).record.partition, std::nullopt);
}

TEST(Repetition, OfALetterWithoutATimestampHasOneIdentityAllTheSame) {
  StoredRecord record = letter();
  std::erase_if(record.headers, [](const Header& one) { return one.name == "signal.timestamp"; });
  EXPECT_EQ(repetition(record, "dlq", From::dlq, kThreePartitions).source, "notifications/2/17/-1");
}

TEST(Repetition, OfARecordWithForeignOrBrokenHeadersHasItsOwnPosition) {
  for (const auto& [name, value] : {Header{"signal.offset", "many"}, Header{"signal.topic", "a/b"},
                                    Header{"signal.partition", "-2"}, Header{"signal.timestamp", ""}}) {
    EXPECT_EQ(repetition(letter({{name, value}}), "dlq", From::dlq, kThreePartitions).source, "dlq/5/70/1796025600999")
        << name;
  }
  EXPECT_EQ(origin_of(letter({{"signal.offset", "many"}})), std::nullopt);
}

TEST(Repetition, OfARecordKeepsPartitionAndTimestamp) {
  const Repetition made = repetition(notification(), "notifications", From::offset, kThreePartitions);

  EXPECT_EQ(made.source, "notifications/1/9/1796025600000");
  EXPECT_EQ(made.record.partition, 1);
  EXPECT_EQ(made.record.timestamp, 1'796'025'600'000);
  EXPECT_EQ(made.record.key, std::nullopt);
  EXPECT_EQ(made.record.value, kGood);
}

TEST(Repetition, OfARepetitionKeepsTheFirstIdentityAndTakesItsOwnOrigin) {
  const StoredRecord first = notification({{"signal.replay-of", "notifications/0/3/5"}, {"signal.replay-from", "dlq"}});

  const Repetition made = repetition(first, "notifications", From::time, kThreePartitions);

  EXPECT_EQ(made.source, "notifications/0/3/5");
  EXPECT_THAT(made.record.headers,
              ElementsAre(Header{"signal.replay-of", "notifications/0/3/5"}, Header{"signal.replay-from", "time"}));
  const StoredRecord poison_again = letter({{"signal.replay-of", "notifications/0/3/5"}});
  EXPECT_EQ(repetition(poison_again, "dlq", From::dlq, kThreePartitions).source, "notifications/0/3/5");
  const StoredRecord hostile = notification({{"signal.replay-of", "../../etc/1"}});
  EXPECT_EQ(repetition(hostile, "notifications", From::time, kThreePartitions).source,
            "notifications/1/9/1796025600000");
}

TEST(Repetition, ACopyIsWhatAReplayTookFromTheSameRange) {
  const auto copy = [](const char* from, const char* of, std::int64_t first = 0) {
    return is_copy(notification({{"signal.replay-of", of}, {"signal.replay-from", from}}), "notifications", first);
  };
  EXPECT_FALSE(is_copy(notification(), "notifications", 0));
  EXPECT_FALSE(copy("dlq", "notifications/1/3/5")) << "the topic has no other record with its value";
  EXPECT_TRUE(copy("offset", "notifications/1/3/5"));
  EXPECT_TRUE(copy("time", "notifications/1/3/5"));
  EXPECT_TRUE(copy("time", "notifications/1/3/5", 3));
  EXPECT_FALSE(copy("time", "notifications/1/3/5", 4)) << "the record that it repeats is before the range";
  EXPECT_FALSE(copy("time", "notifications/0/3/5")) << "another partition";
  EXPECT_FALSE(copy("time", "others/1/3/5"));
  EXPECT_FALSE(copy("time", "notifications/1/9/5")) << "itself";
  EXPECT_FALSE(copy("time", "many/of/them"));
  EXPECT_FALSE(is_copy(notification({{"signal.replay-from", "time"}}), "notifications", 0));
}

TEST(Repetition, AValueThatWouldBeADeadLetterAgainIsRefusedWithTheReason) {
  EXPECT_TRUE(check_value(kGood));
  const auto reason = [](std::string_view value) {
    const auto good = check_value(value);
    EXPECT_FALSE(good) << value;
    if (good) return std::string();
    EXPECT_EQ(good.error().kind, ErrorKind::invalid);
    return good.error().message;
  };
  EXPECT_THAT(reason(R"({"recipientScope":"planet","type":"t","title":"x"})"), HasSubstr("recipientScope"));
  EXPECT_THAT(reason(""), HasSubstr("empty"));
  EXPECT_THAT(reason(std::string(contract::kMaxMessageBytes + 1, ' ')), HasSubstr("the limit is"));
  EXPECT_FALSE(reason("\xff").empty());
}

}  // namespace
}  // namespace nx::replay
