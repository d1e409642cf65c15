#include "model/time.hpp"

#include <gtest/gtest.h>

namespace nx {
namespace {

TEST(Time, WritesThreeDigitsAndZ) {
  EXPECT_EQ(iso8601(EpochMs{0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(EpochMs{1795423485117}), "2026-11-23T08:44:45.117Z");
  EXPECT_EQ(iso8601(EpochMs{-1}), "1969-12-31T23:59:59.999Z");
}

TEST(Time, ReadsWhatItWrites) {
  EXPECT_EQ(parse_iso8601("2026-11-23T08:44:45.117Z"), EpochMs{1795423485117});
}

TEST(Time, ReadsZonesFractionsAndBareDates) {
  EXPECT_EQ(parse_iso8601("1970-01-01T07:00:00+07:00"), EpochMs{0});
  EXPECT_EQ(parse_iso8601("1969-12-31T19:30-0430"), EpochMs{0});
  EXPECT_EQ(parse_iso8601("1970-01-01T00:00:00.0019Z"), EpochMs{1});
  EXPECT_EQ(parse_iso8601("1970-01-02"), EpochMs{86'400'000});
}

TEST(Time, RefusesImpossibleDatesAndOtherShapes) {
  for (const char* text : {"2026-02-31T00:00:00Z", "2026-13-01", "2026-00-10", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "yesterday", "",
                           "2026-1-1", "2026-01-01T00:00:00Z ", "2026-01-01T00:00:00+99:00"}) {
    EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace nx
