#include "resolve/recipient_resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/resolve/fake_policies.hpp"

namespace nx::resolve {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

Activity users(std::vector<UserId> ids) {
  Activity activity;
  activity.scope = RecipientScope::users;
  activity.recipient_ids = std::move(ids);
  return activity;
}

Activity organizer(const std::string& id) {
  Activity activity;
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = id;
  return activity;
}

Activity merchant(const std::string& id) {
  Activity activity;
  activity.scope = RecipientScope::merchant;
  activity.merchant_id = id;
  activity.organizer_id = "another";
  return activity;
}

class RecipientResolverTest : public testing::Test {
 protected:
  RecipientResolver with(ResolverLimits limits) {
    return RecipientResolver(policies_, limits, [this] { return now_; });
  }
  FakePolicies policies_;
  std::chrono::steady_clock::time_point now_{};
  RecipientResolver resolver_ = with({});
};

TEST_F(RecipientResolverTest, TakesListedUsersOnceAndSorted) {
  EXPECT_THAT(resolver_.resolve(users({{"b"}, {"a"}, {"b"}, {"c"}}))->users,
              ElementsAre(UserId{"a"}, UserId{"b"}, UserId{"c"}));
  EXPECT_EQ(policies_.reads, 0);
}

TEST_F(RecipientResolverTest, AsksThePolicyRowsOfTheScope) {
  policies_.organizers["x"] = {{"o"}, {"n"}, {"o"}};
  policies_.merchants["x"] = {{"m"}};

  EXPECT_THAT(resolver_.resolve(organizer("x"))->users, ElementsAre(UserId{"n"}, UserId{"o"}));
  EXPECT_THAT(resolver_.resolve(merchant("x"))->users, ElementsAre(UserId{"m"}));
  EXPECT_THAT(resolver_.resolve(organizer("nobody"))->users, IsEmpty());
}

TEST_F(RecipientResolverTest, AnEmptyIdMeansNobodyAndIsNotRead) {
  policies_.organizers[""] = policies_.merchants[""] = {{"a"}};

  EXPECT_THAT(resolver_.resolve(organizer(""))->users, IsEmpty());
  EXPECT_THAT(resolver_.resolve(merchant(""))->users, IsEmpty());
  EXPECT_EQ(policies_.reads, 0);
}

TEST_F(RecipientResolverTest, APolicyRowWithAnIdThatNoTokenCanHaveTakesNothingFromItsNeighbours) {
  const std::string longest(kMaxIdBytes, 'l');
  policies_.organizers["x"] = {{"a"}, {""}, {longest + "l"}, {longest}, {std::string{"n\0l", 3}}};

  EXPECT_THAT(resolver_.resolve(organizer("x"))->users, ElementsAre(UserId{"a"}, UserId{longest}));
}

TEST_F(RecipientResolverTest, TheExcludedNeverReceiveItAndAreNotRemembered) {
  policies_.organizers["x"] = {{"a"}, {"b"}};
  Activity activity = organizer("x");
  activity.excluded = {{"b"}, {"stranger"}};

  EXPECT_THAT(resolver_.resolve(activity)->users, ElementsAre(UserId{"a"}));
  EXPECT_THAT(resolver_.resolve(organizer("x"))->users, ElementsAre(UserId{"a"}, UserId{"b"}));
  Activity listed = users({{"a"}, {"b"}});
  listed.excluded = {{"a"}, {"b"}};
  EXPECT_THAT(resolver_.resolve(listed)->users, IsEmpty());
}

TEST_F(RecipientResolverTest, ReadsAreAtMostFiveSecondsOld) {
  policies_.organizers["x"] = {{"a"}};
  ASSERT_TRUE(resolver_.resolve(organizer("x")));
  policies_.organizers["x"] = {{"b"}};

  now_ += milliseconds{4'999};
  EXPECT_THAT(resolver_.resolve(organizer("x"))->users, ElementsAre(UserId{"a"}));
  EXPECT_EQ(policies_.reads, 1);
  now_ += milliseconds{1};
  EXPECT_THAT(resolver_.resolve(organizer("x"))->users, ElementsAre(UserId{"b"}));
  EXPECT_EQ(policies_.reads, 2);
}

TEST_F(RecipientResolverTest, KeepsScopesOfOneIdApart) {
  policies_.organizers["x"] = {{"a"}};
  policies_.merchants["x"] = {{"b"}};
  ASSERT_TRUE(resolver_.resolve(organizer("x")));

  EXPECT_THAT(resolver_.resolve(merchant("x"))->users, ElementsAre(UserId{"b"}));
}

TEST_F(RecipientResolverTest, AnErrorIsPassedOnAndNotRemembered) {
  policies_.organizers["x"] = {{"a"}};
  policies_.away = true;
  EXPECT_EQ(resolver_.resolve(organizer("x")).error().kind, ErrorKind::unavailable);
  policies_.away = false;

  EXPECT_TRUE(resolver_.resolve(organizer("x")));
}

TEST_F(RecipientResolverTest, TheCacheIsBoundedAndMakesRoomWithTime) {
  RecipientResolver small = with({.max_age = milliseconds{5'000}, .cached_users = 4});
  policies_.organizers["big"] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}};
  policies_.organizers["a"] = {{"1"}, {"2"}};
  policies_.organizers["b"] = {{"3"}, {"4"}};
  for (const char* id : {"big", "big", "a", "a", "b", "b"}) ASSERT_TRUE(small.resolve(organizer(id)));
  EXPECT_EQ(policies_.reads, 5) << "only a fits";

  now_ += milliseconds{5'000};
  for (const char* id : {"b", "b"}) ASSERT_TRUE(small.resolve(organizer(id)));
  EXPECT_EQ(policies_.reads, 6);
}

TEST_F(RecipientResolverTest, AScopeOfMoreThanTheLimitIsLargeAndItsMembersAreNotRead) {
  RecipientResolver resolver = with({.large_scope = 3});
  policies_.organizers["small"] = {{"a"}, {"b"}, {"c"}};
  policies_.merchants["large"] = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};

  EXPECT_FALSE(resolver.resolve(organizer("small"))->large);
  for (int i = 0; i < 2; ++i) {
    const auto large = resolver.resolve(merchant("large"));
    EXPECT_TRUE(large->large);
    EXPECT_THAT(large->users, IsEmpty());
  }
  EXPECT_EQ(policies_.reads, 2) << "that it is large is remembered, too";
  EXPECT_EQ(policies_.most_rows, 4U);
}

TEST_F(RecipientResolverTest, AListOfMoreThanTheLimitIsLargeAndComesWithoutTheExcluded) {
  RecipientResolver resolver = with({.large_scope = 2});
  Activity activity = users({{"d"}, {"a"}, {"c"}, {"b"}, {"a"}});
  activity.excluded = {{"c"}};

  const auto large = resolver.resolve(activity);
  EXPECT_TRUE(large->large);
  EXPECT_THAT(large->users, ElementsAre(UserId{"a"}, UserId{"b"}, UserId{"d"}));
  activity.excluded.push_back({"d"});
  EXPECT_FALSE(resolver.resolve(activity)->large);
}

TEST_F(RecipientResolverTest, WithoutAnAgeNothingIsKept) {
  RecipientResolver none = with({.max_age = milliseconds{0}});
  ASSERT_TRUE(none.resolve(organizer("x")));
  ASSERT_TRUE(none.resolve(organizer("x")));
  EXPECT_EQ(policies_.reads, 2);
}

}  // namespace
}  // namespace nx::resolve
