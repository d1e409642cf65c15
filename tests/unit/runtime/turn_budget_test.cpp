#include "runtime/turn_budget.hpp"

#include <gtest/gtest.h>

namespace nx::runtime {

using namespace std::chrono_literals;

TEST(TurnBudgetTest, ItLastsUntilItsBytesAreSpentAndEachTurnHasItsOwn) {
  TurnBudget budget({.time = 1h, .bytes = 100});
  budget.begin(std::chrono::steady_clock::now());
  budget.spend(99);
  EXPECT_TRUE(budget.lasts());
  budget.spend(500);
  EXPECT_FALSE(budget.lasts());
  budget.begin(std::chrono::steady_clock::now());
  EXPECT_TRUE(budget.lasts());
}

TEST(TurnBudgetTest, ItEndsWithItsTime) {
  TurnBudget budget({.time = 1ms, .bytes = 100});
  budget.begin(std::chrono::steady_clock::now() - 1ms);
  EXPECT_FALSE(budget.lasts());
}

}  // namespace nx::runtime
