#include "ingest/backoff.hpp"

#include <gtest/gtest.h>

namespace nx::ingest {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesFrom100MillisecondsTo5SecondsEachBetweenHalfAndWhole) {
  Backoff backoff;
  for (const int whole : {100, 200, 400, 800, 1'600, 3'200, 5'000, 5'000, 5'000}) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, milliseconds{whole / 2});
    EXPECT_LE(wait, milliseconds{whole});
  }
}

TEST(Backoff, BeginsAnewAfterSuccess) {
  Backoff backoff;
  for (int i = 0; i < 10; ++i) backoff.next();

  backoff.reset();

  EXPECT_LE(backoff.next(), milliseconds{100});
}

}  // namespace
}  // namespace nx::ingest
