#include "contract/record_time.hpp"

#include <gtest/gtest.h>

namespace nx::contract {
namespace {

TEST(RecordTime, ReadsEveryUnitAndNothingFromWhatIsNoTime) {
  for (const std::int64_t milliseconds : {1'000'000'000'000, 1'795'000'000'123, 4'000'000'000'000}) {
    EXPECT_EQ(meant_time({milliseconds}), EpochMs{milliseconds});
    EXPECT_EQ(meant_time({milliseconds / 1'000}), EpochMs{milliseconds / 1'000 * 1'000});
    EXPECT_EQ(meant_time({milliseconds * 1'000}), EpochMs{milliseconds});
    EXPECT_EQ(meant_time({milliseconds * 1'000'000}), EpochMs{milliseconds});
  }
  for (const std::int64_t none : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{7}}) {
    EXPECT_EQ(meant_time({none}), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace nx::contract
