#include "replay/range_replay.hpp"

#include "component/replay/real_topics.hpp"

namespace nx::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RangeReplayTest : public RealTopics {
 protected:
  RangeReplayPlan plan(From from, std::vector<kafka::OffsetRange> ranges) {
    RangeReplayPlan made;
    made.from = from;
    made.to = {topics_.topic, 3};
    made.ranges = std::move(ranges);
    made.on_record = [this](const Fate& fate) { fates_.push_back(fate); };
    return made;
  }
  kafka::Producer producer() {
    return std::move(*kafka::Producer::make({{topics_.connection}, topics_.topic, topics_.patience}));
  }
  static std::string header(const kafka::StoredRecord& record, std::string_view name) {
    return std::string(header_of(record, name).value_or("none"));
  }

  std::vector<Fate> fates_;
};

TEST_F(RangeReplayTest, DeadLettersThatAreReadableAreSentToThePartitionOfTheirMessageAndOthersAreNamed) {
  send(topics_.dlq_topic, {letter("{", 1, 4), letter(message("n1"), 2, 5)});
  auto from = reader(topics_.dlq_topic);
  auto to = producer();
  RangeReplayPlan asked = plan(From::dlq, {{0, 0, 2}});
  asked.to.topic = "notifications";

  RangeReplay run(std::move(asked), from, &to);
  ASSERT_TRUE(run.run());

  EXPECT_EQ(run.totals().sent, 1);
  EXPECT_EQ(run.totals().refused, 1);
  EXPECT_EQ(run.rest(), std::nullopt);
  ASSERT_EQ(fates_.size(), 2U);
  EXPECT_EQ(fates_[0].outcome, Fate::Outcome::refused);
  EXPECT_FALSE(fates_[0].reason.empty());
  EXPECT_EQ(fates_[1].sent_as, (kafka::Position{2, 0}));
  const auto found = records(topics_.topic);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at.partition, 2);
  EXPECT_EQ(found[0].value, message("n1"));
  EXPECT_EQ(found[0].key, "k");
  EXPECT_EQ(header(found[0], "own"), "header");
  EXPECT_EQ(header(found[0], "signal.replay-of"), "notifications/2/5/1796025600000");
  EXPECT_EQ(header(found[0], "signal.reason"), "none");
  EXPECT_GT(found[0].timestamp, 1'796'025'600'000 - 1) << "as new as the sending";
}

TEST_F(RangeReplayTest, WithoutAProducerNothingIsSent) {
  send(topics_.dlq_topic, {letter(message("n1"), 2, 5)});
  auto from = reader(topics_.dlq_topic);

  RangeReplay run(plan(From::dlq, {{0, 0, 1}}), from, nullptr);
  ASSERT_TRUE(run.run());

  ASSERT_EQ(fates_.size(), 1U);
  EXPECT_EQ(fates_[0].outcome, Fate::Outcome::would_be_sent);
  EXPECT_EQ(fates_[0].source, "notifications/2/5/1796025600000");
  EXPECT_TRUE(records(topics_.topic).empty());
}

TEST_F(RangeReplayTest, ARangeOfTheTopicIsSentOnceAlthoughItsCopiesFollowIt) {
  send(topics_.topic, {{.value = message("n0"), .partition = 1, .timestamp = 1'796'025'600'000},
                       {.value = message("n1"), .partition = 1, .timestamp = 1'796'025'600'001}});
  auto from = reader(topics_.topic);
  auto to = producer();
  RangeReplay first(plan(From::offset, {{1, 0, 2}}), from, &to);
  ASSERT_TRUE(first.run());
  RangeReplay second(plan(From::time, {{1, 0, 4}}), from, &to);
  ASSERT_TRUE(second.run());

  RangeReplay of_copies(plan(From::time, {{1, 2, 4}}), from, nullptr);
  ASSERT_TRUE(of_copies.run());

  EXPECT_EQ(of_copies.totals().sent, 2) << "without the records that they repeat";
  EXPECT_EQ(first.totals().sent, 2);
  EXPECT_EQ(second.totals().sent, 2);
  EXPECT_EQ(second.totals().copies, 2);
  const auto found = records(topics_.topic);
  ASSERT_EQ(found.size(), 6U);
  for (std::size_t i = 2; i < 6; ++i) {
    EXPECT_EQ(found[i].at.partition, 1);
    EXPECT_EQ(found[i].timestamp, 1'796'025'600'000 + static_cast<std::int64_t>(i % 2));
    EXPECT_EQ(header(found[i], "signal.replay-of"),
              topics_.topic + "/1/" + std::to_string(i % 2) + "/" + std::to_string(1'796'025'600'000 + i % 2));
  }
}

TEST_F(RangeReplayTest, RecordsOfAnotherTimeAreLeftOut) {
  send(topics_.topic, {{.value = message("late"), .partition = 0, .timestamp = 1'796'025'609'000},
                       {.value = message("in"), .partition = 0, .timestamp = 1'796'025'600'500},
                       {.value = message("early"), .partition = 0, .timestamp = 1'796'025'600'000}});
  auto from = reader(topics_.topic);
  RangeReplayPlan asked = plan(From::time, {{0, 0, 3}});
  asked.times = TimeSelection{.from = {1'796'025'600'100}, .before = EpochMs{1'796'025'601'000}};

  RangeReplay run(std::move(asked), from, nullptr);
  ASSERT_TRUE(run.run());

  ASSERT_EQ(fates_.size(), 1U);
  EXPECT_EQ(fates_[0].at.offset, 1);
}

TEST_F(RangeReplayTest, StoppedBetweenTwoSlicesItSaysWhereTheRestBegins) {
  std::vector<Sent> many;
  for (int i = 0; i < 1'200; ++i) many.push_back({.value = message("n" + std::to_string(i)), .partition = 0});
  send(topics_.topic, many);
  send(topics_.topic, {{.value = message("last"), .partition = 1}});
  auto from = reader(topics_.topic);
  auto to = producer();
  std::vector<double> shares;
  RangeReplayPlan asked = plan(From::offset, {{0, 0, 1'200}, {1, 0, 1}});
  asked.on_slice = [&shares](const Step& step) {
    shares.push_back(step.share);
    return false;
  };

  RangeReplay begun(std::move(asked), from, &to);
  ASSERT_TRUE(begun.run());

  EXPECT_TRUE(begun.stopped());
  EXPECT_EQ(begun.totals().sent, 500);
  EXPECT_EQ(begun.rest(), (kafka::Position{0, 500}));
  ASSERT_EQ(shares.size(), 1U);
  EXPECT_NEAR(shares[0], 500.0 / 1'201, 1e-9);

  RangeReplayPlan continued = plan(From::offset, {{0, 0, 1'700}, {1, 0, 1}});
  continued.continue_at = begun.rest();
  RangeReplay rest(std::move(continued), from, &to);
  ASSERT_TRUE(rest.run());
  EXPECT_EQ(rest.totals().sent, 701);
  EXPECT_EQ(rest.totals().copies, 500) << "those of the run that it continues";
  EXPECT_EQ(records(topics_.topic).size(), 2U * 1'201);
}

TEST_F(RangeReplayTest, AnErrorSaysWhereTheRestBegins) {
  send(topics_.topic, {{.value = message("n0"), .partition = 0}, {.value = message("n1"), .partition = 1}});
  auto from = reader(topics_.topic);
  auto elsewhere = std::move(
      *kafka::Producer::make({{topics_.connection}, topics_.topic + "-missing", std::chrono::milliseconds{500}}));

  RangeReplay run(plan(From::offset, {{0, 0, 1}, {1, 0, 1}}), from, &elsewhere);
  const auto done = run.run();

  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("did not accept the message"));
  EXPECT_EQ(run.rest(), (kafka::Position{0, 0}));
  EXPECT_THAT(fates_, ElementsAre());
}

}  // namespace
}  // namespace nx::replay
