#include <gtest/gtest.h>

#include "ingest/record.hpp"

namespace nx::ingest {
namespace {

TEST(MeantTime, ReadsEveryUnitAndTakesNowForWhatIsNoTime) {
  const EpochMs now{1'795'000'000'123};
  for (const std::int64_t milliseconds : {1'000'000'000'000, 1'795'000'000'123, 4'000'000'000'000}) {
    EXPECT_EQ(meant_time({milliseconds}, now).value, milliseconds);
    EXPECT_EQ(meant_time({milliseconds / 1'000}, now).value, milliseconds / 1'000 * 1'000);
    EXPECT_EQ(meant_time({milliseconds * 1'000}, now).value, milliseconds);
    EXPECT_EQ(meant_time({milliseconds * 1'000'000}, now).value, milliseconds);
  }
  for (const std::int64_t none : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{7}}) {
    EXPECT_EQ(meant_time({none}, now).value, now.value) << none;
  }
}

}  // namespace
}  // namespace nx::ingest
