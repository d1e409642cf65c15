#include "observe/exemplar.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

using std::chrono::milliseconds;

TEST(Exemplars, EachBucketKeepsItsLast) {
  ExemplarSlots slots;
  slots.set({.trace = {.high = 1, .low = 2}, .value = milliseconds{3}, .at = EpochMs{4}});
  slots.set({.trace = {.high = 5, .low = 6}, .value = milliseconds{4}, .at = EpochMs{7}});
  slots.set({.trace = {.high = 8, .low = 9}, .value = std::chrono::hours{2}, .at = EpochMs{10}});

  const Exemplars taken = slots.snapshot();

  const auto& quick = taken.at(bucket_of(milliseconds{5}));
  ASSERT_TRUE(quick);
  EXPECT_EQ(quick->trace, (TraceId{.high = 5, .low = 6}));
  EXPECT_EQ(quick->value, milliseconds{4});
  EXPECT_EQ(quick->at, EpochMs{7});
  ASSERT_TRUE(taken.back());
  EXPECT_EQ(taken.back()->trace, (TraceId{.high = 8, .low = 9}));
  EXPECT_EQ(std::ranges::count_if(taken, [](const auto& one) { return one.has_value(); }), 2);
}

TEST(Exemplars, AReaderNeverSeesHalfOfOne) {
  ExemplarSlots slots;
  constexpr std::uint64_t kWrites = 200'000;
  const std::jthread writer([&slots] {
    for (std::uint64_t n = 1; n <= kWrites; ++n) {
      slots.set(
          {.trace = {.high = n, .low = n}, .value = milliseconds{3}, .at = EpochMs{static_cast<std::int64_t>(n)}});
    }
  });

  std::uint64_t last = 0;
  while (last < kWrites) {
    const auto seen = slots.snapshot().at(bucket_of(milliseconds{3}));
    if (!seen) continue;
    ASSERT_EQ(seen->trace.high, seen->trace.low);
    ASSERT_EQ(static_cast<std::int64_t>(seen->trace.high), seen->at.value);
    ASSERT_GE(seen->trace.high, last);
    last = seen->trace.high;
  }
}

}  // namespace
}  // namespace nx::observe
