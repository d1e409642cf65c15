#include "runtime/backoff.hpp"

#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesFromTheShortestToTheLongestEachBetweenHalfAndWhole) {
  Backoff backoff{milliseconds{100}, milliseconds{5'000}};
  for (const int whole : {100, 200, 400, 800, 1'600, 3'200, 5'000, 5'000, 5'000}) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, milliseconds{whole / 2});
    EXPECT_LE(wait, milliseconds{whole});
  }
}

TEST(Backoff, BeginsAnewAfterSuccess) {
  Backoff backoff{milliseconds{100}, milliseconds{5'000}};
  for (int i = 0; i < 10; ++i) backoff.next();

  backoff.reset();

  EXPECT_LE(backoff.next(), milliseconds{100});
}

}  // namespace
}  // namespace nx::runtime
