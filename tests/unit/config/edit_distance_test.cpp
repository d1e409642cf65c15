#include "config/edit_distance.hpp"

#include <array>

#include <gtest/gtest.h>

namespace nx::config {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("PORT", "PROT"), 1U);
  EXPECT_EQ(edit_distance("PORT", "PORTS"), 1U);
  EXPECT_EQ(edit_distance("PORT", "SORT"), 1U);
  EXPECT_EQ(edit_distance("abcdef", "badcfe"), 3U);
}

TEST(EditDistance, TheNearestIsNamedWithinTwo) {
  const std::array<std::string, 3> known{"serve", "check", "listen"};
  EXPECT_EQ(nearest("sevre", known), "serve");
  EXPECT_EQ(nearest("chek", known), "check");
  EXPECT_EQ(nearest("nope", known), std::nullopt);
  EXPECT_EQ(nearest("serve", known), "serve");
}

}  // namespace
}  // namespace nx::config
