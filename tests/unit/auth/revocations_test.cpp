#include "auth/revocations.hpp"

#include <gtest/gtest.h>

namespace nx::auth {
namespace {

Claims claims(const std::string& user, std::optional<std::int64_t> issued_at, bool is_number = false) {
  Claims out;
  out.user = {{user}, is_number};
  if (issued_at) out.issued_at = EpochMs{*issued_at};
  return out;
}

TEST(Revocations, CoverTokensThatWereIssuedUntilThen) {
  Revocations revocations;
  EXPECT_FALSE(revocations.cover(claims("u", 1'000)));
  EXPECT_EQ(revocations.add({"u"}, {2'000}), Revocations::Added::news);

  EXPECT_TRUE(revocations.cover(claims("u", 1'000)));
  EXPECT_TRUE(revocations.cover(claims("u", 2'000)));
  EXPECT_FALSE(revocations.cover(claims("u", 2'001)));
  EXPECT_FALSE(revocations.cover(claims("other", 1'000)));
}

TEST(Revocations, CoverATokenThatDoesNotSayWhenItWasIssued) {
  Revocations revocations;
  revocations.add({"u"}, {1});
  EXPECT_TRUE(revocations.cover(claims("u", std::nullopt)));
  EXPECT_FALSE(revocations.cover(claims("v", std::nullopt)));
}

TEST(Revocations, OfTwoMomentsTheLaterCounts) {
  Revocations revocations;
  revocations.add({"u"}, {2'000});
  EXPECT_EQ(revocations.add({"u"}, {1'000}), Revocations::Added::known);
  EXPECT_EQ(revocations.add({"u"}, {2'000}), Revocations::Added::known);
  EXPECT_TRUE(revocations.cover(claims("u", 2'000)));
  EXPECT_EQ(revocations.add({"u"}, {3'000}), Revocations::Added::news);
  EXPECT_TRUE(revocations.cover(claims("u", 3'000)));
  EXPECT_EQ(revocations.users(), 1U);
}

TEST(Revocations, WhoIsNotAddedInTwoRoundsIsForgotten) {
  Revocations revocations;
  revocations.add({"gone"}, {2'000});
  revocations.add({"known"}, {2'000});
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(revocations.cover(claims("gone", 1'000)));
    revocations.begin_round();
    revocations.add({"known"}, {2'000});
    revocations.end_round();
  }
  EXPECT_FALSE(revocations.cover(claims("gone", 1'000)));
  EXPECT_TRUE(revocations.cover(claims("known", 1'000)));
  EXPECT_EQ(revocations.users(), 1U);
}

TEST(Revocations, ANumberAndItsTextAreOneUser) {
  Revocations revocations;
  revocations.add({"5"}, {2'000});
  EXPECT_TRUE(revocations.cover(claims("5", 1'000, true)));
  EXPECT_TRUE(revocations.cover(claims("5", 1'000, false)));
}

}  // namespace
}  // namespace nx::auth
