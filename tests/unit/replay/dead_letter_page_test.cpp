#include "replay/dead_letter_page.hpp"

#include <gtest/gtest.h>

namespace nx::replay {
namespace {

TEST(DeadLetterPage, AShownLetterHoldsOnlyTheMemoryOfWhatIsShown) {
  const std::string large(8UL << 20U, 'x');
  const DeadLetter shown =
      shown_dead_letter({.at = {0, 4},
                         .timestamp = std::nullopt,
                         .key = large,
                         .headers = std::vector<kafka::Header>(5'000, {large.substr(0, 5'000), large.substr(0, 5'000)}),
                         .value = large});

  EXPECT_EQ(shown.record.value.size(), 64U << 10U);
  EXPECT_LT(shown.record.value.capacity(), 128U << 10U);
  EXPECT_EQ(shown.record.key->size(), 1U << 10U);
  EXPECT_LT(shown.record.key->capacity(), 2U << 10U);
  EXPECT_EQ(shown.record.headers.size(), 64U);
  EXPECT_LT(shown.record.headers.capacity(), 200U);
  EXPECT_LT(shown.record.headers.front().name.capacity(), 2U << 10U);
  EXPECT_LT(shown.record.headers.front().value->capacity(), 2U << 10U);
}

}  // namespace
}  // namespace nx::replay
