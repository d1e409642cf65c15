#include "rest/user_shares.hpp"

#include <gtest/gtest.h>

namespace nx::rest {
namespace {

TEST(UserSharesTest, OneUserHasSoManyPlacesAndTheOthersHaveTheirs) {
  const auto shares = std::make_shared<UserShares>(2);
  const auto one = shares->enter({"u1"});
  auto two = shares->enter({"u1"});
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(shares->enter({"u1"}));
  EXPECT_TRUE(shares->enter({"u2"}));
  two.reset();
  EXPECT_TRUE(shares->enter({"u1"}));
}

TEST(UserSharesTest, WhoeverHasNoPlaceIsForgotten) {
  const auto shares = std::make_shared<UserShares>(1);
  {
    const auto place = shares->enter({"u1"});
    const auto copy = place;
    EXPECT_FALSE(shares->enter({"u1"}));
    EXPECT_EQ(shares->users(), 1U);
  }
  EXPECT_EQ(shares->users(), 0U);
}

}  // namespace
}  // namespace nx::rest
