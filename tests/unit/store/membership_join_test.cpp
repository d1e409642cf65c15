#include "store/membership_join.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Membership>& pairs) {
  std::vector<std::string> out;
  for (const Membership& pair : pairs) out.push_back(pair.user.value + " " + pair.room.value);
  return out;
}

TEST(MembershipJoin, AsksForEachUserAndEachDomainOnce) {
  const std::vector<Membership> asked{{{"a"}, {"org:1"}},      {{"b"}, {"merchant:1"}}, {{"a"}, {"merchant:1"}},
                                      {{"a"}, {"ws-default"}}, {{"c"}, {"team:9"}},     {{"b"}, {"org:1"}},
                                      {{"a"}, {"org:"}}};
  const MembershipJoin join(asked);
  EXPECT_THAT(join.users(), ElementsAre("a", "b"));
  EXPECT_THAT(join.domains(), ElementsAre(Domain{"Organizer", "1"}, Domain{"Merchant", "1"}));
}

TEST(MembershipJoin, HoldsInTheOrderAskedAndAsOftenAsAsked) {
  const std::vector<Membership> asked{
      {{"b"}, {"org:2"}}, {{"a"}, {"org:1"}}, {{"a"}, {"org:2"}}, {{"b"}, {"org:2"}}, {{"a"}, {"org:1"}}};
  MembershipJoin join(asked);
  join.joined(0, {"Organizer", "2"});
  join.joined(1, {"Organizer", "1"});
  join.joined(1, {"Organizer", "1"});
  EXPECT_THAT(texts(join.held()), ElementsAre("b org:2", "a org:1", "b org:2", "a org:1"));
}

TEST(MembershipJoin, AMerchantHasTheMembersOfWhatItInheritsFromAndNobodyElseHas) {
  const std::vector<Membership> asked{
      {{"a"}, {"merchant:1"}}, {{"a"}, {"merchant:2"}}, {{"b"}, {"merchant:1"}}, {{"b"}, {"merchant:2"}}};
  MembershipJoin join(asked);
  join.inherits(0, {"Organizer", "hq"});
  join.inherits(1, {"Merchant", "1"});
  join.joined(0, {"Organizer", "hq"});
  join.joined(0, {"Merchant", "hq"});  // an id of another type
  join.joined(1, {"Merchant", "1"});   // asked about, and inherited from
  join.joined(1, {"Organizer", "elsewhere"});
  EXPECT_THAT(texts(join.held()), ElementsAre("a merchant:1", "b merchant:1", "b merchant:2"));
}

TEST(MembershipJoin, TypeAndIdDoNotRunTogether) {
  const std::vector<Membership> asked{{{"a"}, {"org:1"}}};
  MembershipJoin join(asked);
  join.joined(0, {"Organize", "r1"});
  join.joined(0, {"Organizer1", ""});
  EXPECT_THAT(join.held(), IsEmpty());
}

TEST(MembershipJoin, WhatCanNotBeAskedForDoesNotHold) {
  const std::vector<Membership> asked{{{"bad"}, {"org:1"}}, {{"a"}, {"org:bad"}}, {{"a"}, {"org:1"}}};
  MembershipJoin join(asked, [](std::string_view text) { return text != "bad"; });
  EXPECT_THAT(join.users(), ElementsAre("a"));
  EXPECT_THAT(join.domains(), ElementsAre(Domain{"Organizer", "1"}));
  join.joined(0, {"Organizer", "1"});
  EXPECT_THAT(texts(join.held()), ElementsAre("a org:1"));
}

}  // namespace
}  // namespace nx::store
