#include "resolve/policy_trace.hpp"

#include <gtest/gtest.h>

namespace nx::resolve {
namespace {

using store::Domain;
using store::PolicyEdge;
using Outcome = PolicyTrace::Outcome;

const Domain kM1{"Merchant", "m1"}, kO1{"Organizer", "o1"}, kUser{"User", "u1"};

PolicyEdge joins(const Domain& target, std::optional<EpochMs> deleted_at = {}) {
  return {"join_domain", kUser, target, deleted_at};
}
PolicyEdge inherits(const Domain& from, const Domain& to, std::optional<EpochMs> deleted_at = {}) {
  return {"domain_inherits", from, to, deleted_at};
}

}  // namespace

TEST(PolicyTraceTest, WhoIsJoinedIsAMember) {
  const PolicyTrace trace = trace_membership({.memberships = {joins(kM1)}, .inheritance = {}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::member);
  EXPECT_FALSE(trace.inherited);
  EXPECT_EQ(trace.why, "joined to merchant m1");
  EXPECT_EQ(trace.rows, std::vector{joins(kM1)});
}

TEST(PolicyTraceTest, AMerchantsMembersAreThoseOfWhatItInheritsFrom) {
  const Domain m0{"Merchant", "m0"};
  const PolicyTrace trace =
      trace_membership({.memberships = {joins(kO1)}, .inheritance = {inherits(m0, kO1), inherits(kM1, m0)}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::member);
  EXPECT_TRUE(trace.inherited);
  EXPECT_EQ(trace.why, "joined to organizer o1, which merchant m1 inherits from");
  EXPECT_EQ(trace.rows, (std::vector{inherits(kM1, m0), inherits(m0, kO1), joins(kO1)}));
}

TEST(PolicyTraceTest, AMembershipThatHoldsWinsOverADeletedOne) {
  const PolicyTrace trace =
      trace_membership({.memberships = {joins(kM1, EpochMs{5}), joins(kO1)}, .inheritance = {inherits(kM1, kO1)}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::member);
  EXPECT_TRUE(trace.inherited);
}

TEST(PolicyTraceTest, ADeletedMembershipSaysUntilWhen) {
  const PolicyTrace trace = trace_membership(
      {.memberships = {joins(kM1, EpochMs{1'000}), joins(kM1, EpochMs{1'795'953'600'000})}, .inheritance = {}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::ended);
  EXPECT_EQ(trace.ended_at, EpochMs{1'795'953'600'000}) << "what held longest";
  EXPECT_EQ(trace.why, "was joined to merchant m1 until " + iso8601({1'795'953'600'000}));
}

TEST(PolicyTraceTest, ADeletedInheritanceIsNamed) {
  const PolicyTrace trace =
      trace_membership({.memberships = {joins(kO1)}, .inheritance = {inherits(kM1, kO1, EpochMs{1'000})}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::ended);
  EXPECT_EQ(trace.ended_at, EpochMs{1'000});
  EXPECT_EQ(trace.why,
            "joined to organizer o1, but merchant m1 has not inherited from organizer o1 since " + iso8601({1'000}));
}

TEST(PolicyTraceTest, OfTwoWaysToADomainTheOneThatHeldLongestCounts) {
  const Domain m0{"Merchant", "m0"};
  const PolicyTrace trace =
      trace_membership({.memberships = {joins(kO1, EpochMs{9'000})},
                        .inheritance = {inherits(kM1, kO1, EpochMs{1'000}), inherits(kM1, m0), inherits(m0, kO1)}},
                       kM1);
  EXPECT_EQ(trace.outcome, Outcome::ended);
  EXPECT_EQ(trace.ended_at, EpochMs{9'000});
  EXPECT_EQ(trace.why, "was joined to organizer o1 until " + iso8601({9'000}) + " (and through it to merchant m1)");
}

TEST(PolicyTraceTest, TheRowThatWasDeletedFirstIsNamed) {
  const PolicyTrace trace = trace_membership(
      {.memberships = {joins(kO1, EpochMs{9'000})}, .inheritance = {inherits(kM1, kO1, EpochMs{1'000})}}, kM1);
  EXPECT_EQ(trace.ended_at, EpochMs{1'000});
  EXPECT_EQ(trace.why, "was joined to organizer o1, but merchant m1 has not inherited from organizer o1 since " +
                           iso8601({1'000}));
}

TEST(PolicyTraceTest, CyclesEndAndAStrangerIsNone) {
  const Domain m2{"Merchant", "m2"};
  const PolicyTrace trace = trace_membership(
      {.memberships = {joins({"Merchant", "m9"})}, .inheritance = {inherits(kM1, m2), inherits(m2, kM1)}}, kM1);
  EXPECT_EQ(trace.outcome, Outcome::none);
  EXPECT_EQ(trace.why, "not joined to merchant m1 or to anything it inherits from");
  EXPECT_TRUE(trace.rows.empty());
  EXPECT_EQ(trace_membership({}, kO1).why, "not joined to organizer o1");
}

}  // namespace nx::resolve
