#include "resolve/membership.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/resolve/fake_policies.hpp"

namespace nx::resolve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Membership, AnswersEachQuestionInItsOrderWithOneRead) {
  FakePolicies policies;
  policies.organizers["1"] = {{"a"}, {"b"}};
  policies.organizers["2"] = {{"a"}};
  const std::vector<RoomsAsked> asked{{{"a"}, {{"org:2"}, {"org:9"}, {"ws-default"}, {"org:1"}}},
                                      {{"b"}, {{"org:2"}, {"org:1"}, {"org:1"}}},
                                      {{"c"}, {{"org:1"}}},
                                      {{"a"}, {}}};

  const auto allowed = allowed_rooms(policies, asked);

  ASSERT_TRUE(allowed);
  ASSERT_EQ(allowed->size(), 4U);
  EXPECT_THAT((*allowed)[0], ElementsAre(RoomName{"org:2"}, RoomName{"org:1"}));
  EXPECT_THAT((*allowed)[1], ElementsAre(RoomName{"org:1"}, RoomName{"org:1"}));
  EXPECT_THAT((*allowed)[2], IsEmpty());
  EXPECT_THAT((*allowed)[3], IsEmpty());
  EXPECT_EQ(policies.reads, 1);
}

TEST(Membership, RoomsOfOtherNamesNeverHoldAndAreNotRead) {
  FakePolicies policies;
  policies.organizers["1"] = {{"a"}};
  policies.organizers[""] = {{"a"}};
  const std::vector<RoomsAsked> asked{
      {{"a"}, {{"ORG:1"}, {"team:1"}, {"ws-notification"}, {"a"}, {""}, {"org:"}, {"merchant:"}}}};

  EXPECT_THAT((*allowed_rooms(policies, asked))[0], IsEmpty());
  EXPECT_EQ(policies.reads, 0);
}

TEST(Membership, ADatabaseThatIsAwayIsAnErrorNotARefusal) {
  FakePolicies policies;
  policies.away = true;
  const std::vector<RoomsAsked> asked{{{"a"}, {{"org:1"}}}};

  EXPECT_EQ(allowed_rooms(policies, asked).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace nx::resolve
