#include "observe/histogram.hpp"

#include <gtest/gtest.h>

namespace nx::observe {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The bucket that one value falls into.
std::size_t bucket_of(microseconds time) {
  Histogram histogram;
  histogram.record(time);
  const auto taken = histogram.snapshot();
  return static_cast<std::size_t>(std::find(taken.buckets.begin(), taken.buckets.end(), 1U) - taken.buckets.begin());
}

TEST(Histogram, BoundsGoUpwardsWithoutAGap) {
  EXPECT_TRUE(std::ranges::is_sorted(kHistogramBounds));
  EXPECT_EQ(std::ranges::adjacent_find(kHistogramBounds), kHistogramBounds.end());
}

TEST(Histogram, ABoundBelongsToItsBucketAndOneMicrosecondMoreToTheNext) {
  for (std::size_t i = 0; i < kHistogramBounds.size(); ++i) {
    EXPECT_EQ(bucket_of(kHistogramBounds[i]), i);
    EXPECT_EQ(bucket_of(kHistogramBounds[i] + microseconds{1}), i + 1);
  }
}

TEST(Histogram, ANegativeTimeCountsAsNone) {
  Histogram histogram;
  histogram.record(-seconds{3'600});

  EXPECT_EQ(histogram.snapshot().buckets.front(), 1U);
  EXPECT_EQ(histogram.snapshot().sum, microseconds{0});
}

TEST(Histogram, SnapshotsOfSeveralAddUp) {
  Histogram one, other;
  one.record(milliseconds{3});
  other.record(milliseconds{3});
  other.record(seconds{7'200});

  auto both = one.snapshot();
  both += other.snapshot();

  EXPECT_EQ(both.count(), 3U);
  EXPECT_EQ(both.buckets.back(), 1U);
  EXPECT_EQ(both.sum, milliseconds{6} + seconds{7'200});
}

TEST(Histogram, AQuantileIsTheBoundBelowWhichThatPartLies) {
  Histogram histogram;
  for (int i = 0; i < 99; ++i) histogram.record(milliseconds{3});
  histogram.record(seconds{7'200});

  EXPECT_EQ(histogram.snapshot().quantile(0.5), milliseconds{5});
  EXPECT_EQ(histogram.snapshot().quantile(0.99), milliseconds{5});
  EXPECT_EQ(histogram.snapshot().quantile(1), microseconds::max());
}

TEST(Histogram, SeveralThreadsLoseNothingInASharedOne) {
  SharedHistogram histogram;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&histogram] {
      for (int n = 0; n < 10'000; ++n) histogram.record(milliseconds{1});
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(histogram.snapshot().count(), 40'000U);
  EXPECT_EQ(histogram.snapshot().sum, seconds{40});
}

TEST(Histogram, IsReadWhileItsThreadWrites) {
  Histogram histogram;
  std::thread writer{[&histogram] {
    for (int n = 0; n < 50'000; ++n) histogram.record(milliseconds{1});
  }};
  std::uint64_t last = 0;
  while (last < 50'000) {
    const auto now = histogram.snapshot().count();
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
}

}  // namespace
}  // namespace nx::observe
