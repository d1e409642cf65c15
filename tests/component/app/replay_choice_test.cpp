#include "app/replay_choice.hpp"

#include "component/replay/real_topics.hpp"

namespace nx::app {
namespace {

using kafka::OffsetRange;
using ::testing::ElementsAre;

constexpr std::int64_t kNoon = 1'796'040'000'000;

class ReplayChoiceTest : public replay::RealTopics {
 protected:
  std::vector<OffsetRange> ranges_of_times(std::int64_t from, std::int64_t before) {
    ReplayChoice choice;
    choice.from = replay::From::time;
    choice.times = replay::TimeSelection{.from = {from}, .before = EpochMs{before}};
    auto opened = reader(topics_.topic);
    const auto ranges = chosen_ranges(choice, opened);
    EXPECT_TRUE(ranges) << ranges.error().message;
    return *ranges;
  }
};

TEST_F(ReplayChoiceTest, ARecordBehindOneOfALaterTimeIsInTheRange) {
  send(topics_.topic, {{.value = "late", .partition = 0, .timestamp = kNoon + 9'000},
                       {.value = "in", .partition = 0, .timestamp = kNoon + 500},
                       {.value = "early", .partition = 0, .timestamp = kNoon}});
  EXPECT_THAT(ranges_of_times(kNoon + 100, kNoon + 1'000), ElementsAre(OffsetRange{0, 0, 3}));
}

TEST_F(ReplayChoiceTest, WhatIsBeforeTheFirstRecordOfTheTimeIsNotRead) {
  send(topics_.topic, {{.value = "early", .partition = 1, .timestamp = kNoon},
                       {.value = "in", .partition = 1, .timestamp = kNoon + 500},
                       {.value = "early", .partition = 2, .timestamp = kNoon}});
  EXPECT_THAT(ranges_of_times(kNoon + 100, kNoon + 1'000), ElementsAre(OffsetRange{1, 1, 2}));
}

}  // namespace
}  // namespace nx::app
