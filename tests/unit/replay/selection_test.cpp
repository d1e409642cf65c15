#include "replay/selection.hpp"

#include <gtest/gtest.h>

namespace nx::replay {
namespace {

TEST(Selection, AnOffsetIsOneRecordUnlessTwoDotsFollow) {
  const auto one = read_offsets("3:1200");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->partition, 3);
  EXPECT_EQ(one->first, 1'200);
  EXPECT_EQ(one->last, 1'200);
  EXPECT_EQ(read_offsets("3:1200..1300")->last, 1'300);
  EXPECT_EQ(read_offsets("3:1200..1200")->last, 1'200);
  EXPECT_EQ(read_offsets("3:1200..")->last, std::nullopt);
}

TEST(Selection, WhatIsNoRangeOfOffsetsIsRefusedByName) {
  for (const char* text : {"", "3", "3:", ":3", "a:1", "1:b", "-1:0", "1:-1", "1:2..1", "1:2..x", "1:2...3", "1:2-3",
                           "2147483648:0", "0:9223372036854775808", "1:2 ", "1:2..-3"}) {
    const auto read = read_offsets(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::invalid);
    EXPECT_NE(read.error().message.find(std::string("'") + text), std::string::npos) << read.error().message;
  }
}

TEST(Selection, ATimeBeginsARangeThatTheSecondEnds) {
  const auto both = read_times("2026-11-30T08:00:00Z..2026-11-30T09:00:00+01:00");
  EXPECT_FALSE(both) << "the same moment";
  const auto hour = read_times("2026-11-30T08:00:00Z..1796029200000");
  ASSERT_TRUE(hour) << hour.error().message;
  EXPECT_TRUE(hour->has({1'796'025'600'000}));
  EXPECT_TRUE(hour->has({1'796'029'199'999}));
  EXPECT_FALSE(hour->has({1'796'025'599'999}));
  EXPECT_FALSE(hour->has({1'796'029'200'000}));
  for (const char* text : {"2026-11-30", "2026-11-30.."}) {
    EXPECT_EQ(read_times(text)->before, std::nullopt);
    EXPECT_TRUE(read_times(text)->has({INT64_MAX}));
  }
}

TEST(Selection, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "..", "..5", "noon", "-5", "2026-02-31", "2026-11-30..noon", "1796025600009..1796025600008"}) {
    EXPECT_FALSE(read_times(text)) << text;
  }
}

TEST(Selection, ANumberThatIsNotMillisecondsIsRefused) {
  for (const char* text : {"0", "9", "20261130", "1796025600", "1796025600000000", "1796025600000000000"}) {
    const auto read = read_time(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find("milliseconds"), std::string::npos) << read.error().message;
  }
  EXPECT_EQ(read_time("1796025600000"), EpochMs{1'796'025'600'000});
}

}  // namespace
}  // namespace nx::replay
