#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> texts(const Result<std::vector<UserId>>& users) {
  EXPECT_TRUE(users) << users.error().message;
  std::vector<std::string> out;
  if (users) {
    for (const UserId& user : *users) out.push_back(user.value);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());  // a row each
  return out;
}

std::vector<PolicyRow> sample() {
  return {
      {"join_domain", "User", "u1", "Organizer", "o1"},
      {"group", "User", "u2", "Organizer", "o1"},
      {"join_domain", "User", "u2", "Organizer", "o1"},  // both variants: one user
      {"join_domain", "User", "gone", "Organizer", "o1", true},
      {"assign_role", "User", "u9", "Organizer", "o1"},  // a role is no membership
      {"join_domain", "Role", "r1", "Organizer", "o1"},
      {"join_domain", "User", "m1-user", "Merchant", "m1"},
      {"group", "User", "u4", "Merchant", "m1"},
      {"join_domain", "User", "o-merchant", "Merchant", "o1"},  // an id of another type
      {"domain_inherits", "Merchant", "m1", "Organizer", "o1"},
      {"domain_inherits", "Merchant", "m2", "Merchant", "m1"},
      {"domain_inherits", "Merchant", "m3", "Organizer", "o1", true},
  };
}

TEST_P(PoliciesSuite, TheUsersOfAnOrganizerAreThoseJoinedToIt) {
  backend_->replace_policies(sample(), IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_THAT(texts(policies->users_of_organizer("o1", 1'000)), UnorderedElementsAre("u1", "u2"));
  EXPECT_THAT(texts(policies->users_of_organizer("o2", 1'000)), IsEmpty());
  EXPECT_THAT(texts(policies->users_of_organizer("", 1'000)), IsEmpty());
  EXPECT_THAT(texts(policies->users_of_organizer("o1' OR '1'='1", 1'000)), IsEmpty());
}

TEST_P(PoliciesSuite, TheUsersOfAMerchantIncludeThoseOfWhatItInheritsFrom) {
  backend_->replace_policies(sample(), IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_THAT(texts(policies->users_of_merchant("m1", 1'000)), UnorderedElementsAre("m1-user", "u4", "u1", "u2"));
  EXPECT_THAT(texts(policies->users_of_merchant("m2", 1'000)), UnorderedElementsAre("m1-user", "u4", "u1", "u2"));
  EXPECT_THAT(texts(policies->users_of_merchant("m3", 1'000)), IsEmpty()) << "a deleted inheritance does not count";
}

TEST_P(PoliciesSuite, AnOrganizerIsNotWidenedByWhatItInheritsFrom) {
  backend_->replace_policies(
      {{"domain_inherits", "Organizer", "o1", "Organizer", "hq"}, {"join_domain", "User", "chief", "Organizer", "hq"}},
      IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_THAT(texts(policies->users_of_organizer("o1", 1'000)), IsEmpty());
  EXPECT_EQ(policies->joined_through({"chief"}, {"org:o1"}), std::nullopt);
  EXPECT_EQ(policies->joined_through({"chief"}, {"org:hq"}), (Domain{"Organizer", "hq"}));
}

/// The table with integer ids has no deleted_at.
void expect_evidence(Backend& backend, IdColumns ids) {
  const bool deleted = ids == IdColumns::text;
  backend.replace_policies({{"domain_inherits", "Merchant", "1", "Organizer", "2", deleted},
                            {"domain_inherits", "Organizer", "2", "Organizer", "3"},
                            {"join_domain", "User", "7", "Merchant", "1", deleted},
                            {"group", "User", "7", "Organizer", "2"},
                            {"join_domain", "User", "7", "Organizer", "9"},
                            {"assign_role", "User", "7", "Merchant", "1"},
                            {"join_domain", "User", "8", "Merchant", "1"}},
                           ids);
  auto policies = std::move(*backend.open_policies());

  const auto found = policies->evidence({"7"}, {"merchant:1"});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->memberships.size(), 2U);
  const bool first_is_direct = found->memberships[0].target.id == "1";
  const PolicyEdge& direct = found->memberships[first_is_direct ? 0 : 1];
  EXPECT_EQ(direct.variant, "join_domain");
  EXPECT_EQ(direct.subject, (Domain{"User", "7"}));
  EXPECT_EQ(direct.target, (Domain{"Merchant", "1"}));
  EXPECT_EQ(direct.deleted_at.has_value(), deleted);
  EXPECT_TRUE(!deleted || std::abs(direct.deleted_at->value - now_wall().value) < 600'000);
  const PolicyEdge& inherited = found->memberships[first_is_direct ? 1 : 0];
  EXPECT_EQ(inherited, (PolicyEdge{"group", {"User", "7"}, {"Organizer", "2"}, {}}));
  ASSERT_EQ(found->inheritance.size(), 2U);

  const auto of_organizer = policies->evidence({"7"}, {"org:2"});
  ASSERT_TRUE(of_organizer) << of_organizer.error().message;
  EXPECT_THAT(of_organizer->inheritance, IsEmpty());
  EXPECT_EQ(of_organizer->memberships, std::vector{inherited});

  EXPECT_THAT(policies->evidence({"x\"'"}, {"org:2"})->memberships, IsEmpty());
  EXPECT_THAT(policies->evidence({"7"}, {"ws-default"})->memberships, IsEmpty());
}

TEST_P(PoliciesSuite, TheEvidenceHasTheDeletedRowsToo) {
  expect_evidence(*backend_, IdColumns::text);
}

TEST_P(PoliciesSuite, TheEvidenceOfIntegerIdsAndWithoutDeletedAtToo) {
  expect_evidence(*backend_, IdColumns::integer);
}

TEST_P(PoliciesSuite, NoMoreRowsAreReadThanAskedFor) {
  backend_->replace_policies(sample(), IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_EQ(policies->users_of_organizer("o1", 2)->size(), 2U);
  EXPECT_EQ(policies->users_of_merchant("m2", 3)->size(), 3U);
}

/// The members of the room in runs of that many, each run behind the last one.
std::vector<std::string> walk(PolicyDefinitionRepository& policies, const RoomName& room, std::size_t limit) {
  std::vector<std::string> found;
  std::optional<std::string> after;
  for (;;) {
    const auto run = policies.members_after(room, after, limit);
    EXPECT_TRUE(run) << run.error().message;
    if (!run || run->empty()) return found;
    EXPECT_LE(run->size(), limit);
    for (const UserId& user : *run) found.push_back(user.value);
    after = found.back();
  }
}

TEST_P(PoliciesSuite, AWalkOverTheMembersMeetsEachOnceInOneOrder) {
  std::vector<PolicyRow> rows{{"domain_inherits", "Merchant", "a", "Merchant", "b"},
                              {"domain_inherits", "Merchant", "b", "Merchant", "a"},
                              {"domain_inherits", "Merchant", "b", "Organizer", "o"},
                              {"join_domain", "User", "gone", "Organizer", "o", true}};
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string user = "u" + std::to_string(i);
    expected.push_back(user);
    // In one domain or two, by one variant or two, and some by many rows of the same.
    rows.push_back({i % 2 == 0 ? "join_domain" : "group", "User", user, "Merchant", i % 3 == 0 ? "a" : "b"});
    if (i % 5 == 0) rows.push_back({"group", "User", user, "Organizer", "o"});
    for (int twin = 0; i == 7 && twin < 45; ++twin)  // more than a run
      rows.push_back({"group", "User", user, "Merchant", "b"});
  }
  backend_->replace_policies(rows, IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  for (const std::size_t limit : {1U, 2U, 7U, 40U, 1'000U}) {
    const auto found = walk(*policies, {"merchant:a"}, limit);
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected)) << limit;
    EXPECT_EQ(found, walk(*policies, {"merchant:a"}, 3)) << "one order";
  }
  const auto order = walk(*policies, {"merchant:a"}, 1'000);
  EXPECT_TRUE(*policies->is_member_after({order[0]}, {"merchant:a"}, std::nullopt));
  EXPECT_TRUE(*policies->is_member_after({order[5]}, {"merchant:a"}, order[4]));
  EXPECT_FALSE(*policies->is_member_after({order[4]}, {"merchant:a"}, order[4]));
  EXPECT_FALSE(*policies->is_member_after({order[3]}, {"merchant:a"}, order[4]));
  EXPECT_FALSE(*policies->is_member_after({"zz"}, {"merchant:a"}, order[4]));
  EXPECT_THAT(walk(*policies, {"org:o"}, 3).size(), 8U);
  EXPECT_THAT(walk(*policies, {"ws-default"}, 3), IsEmpty());
}

TEST_P(PoliciesSuite, AWalkOverIntegerIdsMeetsEachOnce) {
  std::vector<PolicyRow> rows;
  std::vector<std::string> expected;
  for (const char* id : {"-9223372036854775808", "-5", "0", "9", "10", "1000", "9223372036854775807"}) {
    rows.push_back({"join_domain", "User", id, "Organizer", "7"});
    expected.emplace_back(id);
  }
  backend_->replace_policies(rows, IdColumns::integer);
  auto policies = std::move(*backend_->open_policies());

  for (const std::size_t limit : {1U, 3U, 100U}) {
    EXPECT_THAT(walk(*policies, {"org:7"}, limit), testing::UnorderedElementsAreArray(expected)) << limit;
  }
}

TEST_P(PoliciesSuite, CyclesAreHarmless) {
  backend_->replace_policies({{"domain_inherits", "Merchant", "a", "Merchant", "b"},
                              {"domain_inherits", "Merchant", "b", "Merchant", "a"},
                              {"domain_inherits", "Merchant", "b", "Merchant", "b"},
                              {"join_domain", "User", "ua", "Merchant", "a"},
                              {"join_domain", "User", "ub", "Merchant", "b"}},
                             IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_THAT(texts(policies->users_of_merchant("a", 1'000)), UnorderedElementsAre("ua", "ub"));
  EXPECT_THAT(texts(policies->users_of_merchant("b", 1'000)), UnorderedElementsAre("ua", "ub"));
}

TEST_P(PoliciesSuite, InheritanceEndsAtADepthOf32) {
  std::vector<PolicyRow> rows;
  const auto name = [](int i) { return "m" + std::to_string(i); };
  for (int i = 0; i < 40; ++i) {
    rows.push_back({"domain_inherits", "Merchant", name(i), "Merchant", name(i + 1)});
    rows.push_back({"join_domain", "User", "u" + std::to_string(i), "Merchant", name(i)});
  }
  backend_->replace_policies(rows, IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_EQ(texts(policies->users_of_merchant("m0", 1'000)).size(), 33U);
  EXPECT_EQ(texts(policies->users_of_merchant("m39", 1'000)).size(), 1U);
}

TEST_P(PoliciesSuite, MembershipsThatHoldComeInTheOrderAsked) {
  backend_->replace_policies(sample(), IdColumns::text);
  auto policies = std::move(*backend_->open_policies());
  const std::vector<Membership> asked{
      {{"u1"}, {"merchant:m2"}}, {{"u1"}, {"org:o1"}},         {{"u1"}, {"org:o2"}}, {{"m1-user"}, {"org:o1"}},
      {{"u4"}, {"merchant:m1"}}, {{"gone"}, {"org:o1"}},       {{"u9"}, {"org:o1"}}, {{"u1"}, {"ws-default"}},
      {{"u1"}, {"org:"}},        {{"o-merchant"}, {"org:o1"}}, {{"u2"}, {"org:o1"}},
  };

  const auto held = policies->members_among(asked);

  ASSERT_TRUE(held);
  std::vector<std::string> pairs;
  for (const Membership& pair : *held) pairs.push_back(pair.user.value + " " + pair.room.value);
  EXPECT_THAT(pairs, ElementsAre("u1 merchant:m2", "u1 org:o1", "u4 merchant:m1", "u2 org:o1"));
}

TEST_P(PoliciesSuite, NamesTheNearestDomainAUserBelongsBy) {
  auto rows = sample();
  rows.push_back({"join_domain", "User", "u1", "Merchant", "m2"});
  backend_->replace_policies(rows, IdColumns::text);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_EQ(policies->joined_through({"u1"}, {"merchant:m2"}), (Domain{"Merchant", "m2"}));
  EXPECT_EQ(policies->joined_through({"u1"}, {"merchant:m1"}), (Domain{"Organizer", "o1"}));
  EXPECT_EQ(policies->joined_through({"u4"}, {"merchant:m2"}), (Domain{"Merchant", "m1"}));
  EXPECT_EQ(policies->joined_through({"u4"}, {"org:o1"}), std::nullopt);
}

TEST_P(PoliciesSuite, IdsMayBeIntegerColumnsAndDeletedAtMayBeAbsent) {
  backend_->replace_policies({{"join_domain", "User", "9007199254740993", "Organizer", "7"},
                              {"join_domain", "User", "-5", "Merchant", "8"},
                              {"domain_inherits", "Merchant", "8", "Organizer", "7"}},
                             IdColumns::integer);
  auto policies = std::move(*backend_->open_policies());

  EXPECT_THAT(texts(policies->users_of_organizer("7", 1'000)), ElementsAre("9007199254740993"));
  EXPECT_THAT(texts(policies->users_of_merchant("8", 1'000)), UnorderedElementsAre("-5", "9007199254740993"));
  for (const char* other : {"07", "7.0", " 7", "7 ", "+7", "7e0", "seven", ""}) {
    EXPECT_THAT(texts(policies->users_of_organizer(other, 1'000)), IsEmpty()) << other;
  }
  EXPECT_EQ(
      policies->members_among(std::vector<Membership>{{{"-5"}, {"merchant:8"}}, {{"-05"}, {"merchant:8"}}})->size(),
      1U);
}

TEST_P(PoliciesSuite, ReadsSeeTheTableAsItIsNow) {
  backend_->replace_policies(sample(), IdColumns::text);
  auto policies = std::move(*backend_->open_policies());
  ASSERT_EQ(texts(policies->users_of_organizer("o1", 1'000)).size(), 2U);

  backend_->replace_policies({}, IdColumns::text);

  EXPECT_THAT(texts(policies->users_of_organizer("o1", 1'000)), IsEmpty());
}

}  // namespace
}  // namespace nx::store
