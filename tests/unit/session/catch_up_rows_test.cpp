#include <gtest/gtest.h>

#include "session/catch_up.hpp"

namespace nx::session {
namespace {

TEST(CatchUpRowsTest, ARowThatWasHandedOutGivesItsMemoryBack) {
  CatchUp catch_up(0, std::nullopt, {}, 1'000'000);
  ASSERT_GT(catch_up.next_question(), 0U);
  MissedHints page;
  page.complete = true;
  for (std::int64_t seq = 1; seq <= 2; ++seq) page.hints.push_back({seq, std::string(30'000, 'x')});
  catch_up.take_page(std::move(page));
  const MissedHints::Hint* const first = catch_up.next_row();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->text.size(), 30'000U);
  ASSERT_NE(catch_up.next_row(), nullptr);
  EXPECT_LT(first->text.capacity(), 100U);
}

}  // namespace
}  // namespace nx::session
