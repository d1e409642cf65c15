#include "operators/gathering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::operators {
namespace {

using contract::ClientRecord;
using contract::Findings;
using contract::ListClients;
using contract::OperatorAnswer;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kQuestion = "0b7e4a55-9a37-4d0e-8a5a-0d2f3b6f1c11";

Findings found(std::int64_t count, const std::vector<std::string>& ids) {
  Findings findings{.count = count, .clients = {}};
  for (const std::string& id : ids) findings.clients.emplace_back().id = {id};
  return findings;
}

OperatorAnswer answer(const std::string& from, Findings findings, std::size_t slice = 0, std::size_t slices = 1) {
  return {kQuestion, from, slice, slices, std::move(findings)};
}

std::vector<std::string> places(const Gathered& gathered) {
  std::vector<std::string> out;
  for (const LocatedClient& one : gathered.clients) out.push_back(one.instance + "/" + one.client.id.value);
  return out;
}

TEST(Gathering, SortsByInstanceThenIdWhateverCameFirst) {
  Gathering gathering(4);
  gathering.expect({"a", "b"});
  gathering.add(answer("b", found(2, {"1", "2"})));
  EXPECT_FALSE(gathering.complete());
  gathering.add(answer("a", found(2, {"8", "9"})));
  EXPECT_TRUE(gathering.complete());

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_THAT(places(gathered), ElementsAre("a/8", "a/9", "b/1", "b/2"));
  EXPECT_EQ(gathered.count, 4);
  EXPECT_FALSE(gathered.more);
  EXPECT_THAT(gathered.instances, ElementsAre("b", "a"));
  EXPECT_THAT(gathered.missing, IsEmpty());
}

Findings described(const std::string& address) {
  Findings findings{.count = 1, .clients = {}};
  findings.instance = contract::InstanceRecord{.address = address, .version = "1"};
  return findings;
}

TEST(Gathering, InstancesThatDescribeThemselvesAreNamedByIdAndTheOthersAreMissing) {
  Gathering gathering(1);
  gathering.expect({"a", "b", "c"});
  gathering.add(answer("b", described("10.0.0.2:1")));
  gathering.add(answer("a", described("10.0.0.1:1")));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_EQ(gathered.count, 2);
  ASSERT_EQ(gathered.described.size(), 2U);
  EXPECT_EQ(gathered.described.at("a").address, "10.0.0.1:1");
  EXPECT_EQ(gathered.described.at("b").address, "10.0.0.2:1");
  EXPECT_THAT(gathered.missing, ElementsAre("c"));
}

TEST(Gathering, OfMoreInstancesThanAreToldTheFirstByIdAreKeptAndAllAreCounted) {
  Gathering gathering(1);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kMostInstancesTold + 10; ++i) ids.push_back(std::to_string(1'000 + i));
  gathering.expect(ids);
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) gathering.add(answer(*id, described("x")));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_EQ(gathered.count, static_cast<std::int64_t>(ids.size()));
  EXPECT_EQ(gathered.described.size(), kMostInstancesTold);
  EXPECT_TRUE(gathered.described.contains(ids.front()));
  EXPECT_FALSE(gathered.described.contains(ids.back()));
}

TEST(Gathering, WhatInstancesRememberOfAHintIsNamedByInstance) {
  using Outcome = contract::PushRecord::Outcome;
  Gathering gathering(2);
  gathering.expect({"a", "b"});
  Findings quiet = found(0, {}), pushed = found(1, {"1"});
  quiet.records_since = EpochMs{5};
  pushed.records_since = EpochMs{7};
  pushed.pushes = {{{9}, Outcome::pushed}};
  gathering.add(answer("b", pushed, 0, 2));
  gathering.add(answer("b", found(1, {"2"}), 1, 2));
  gathering.add(answer("a", quiet));

  const Gathered gathered = std::move(gathering).finish();

  ASSERT_EQ(gathered.pushes.size(), 1U);
  EXPECT_EQ(gathered.pushes[0].instance, "b");
  EXPECT_EQ(gathered.pushes[0].push, (contract::PushRecord{{9}, Outcome::pushed}));
  EXPECT_EQ(gathered.records_since.at("a"), EpochMs{5});
  EXPECT_EQ(gathered.records_since.at("b"), EpochMs{7});
}

TEST(Gathering, APageEndsWithinAnInstanceAndSaysThatThereIsMore) {
  Gathering gathering(2);
  gathering.expect({"a", "b"});
  gathering.add(answer("b", found(70, {"1", "2", "3"})));
  gathering.add(answer("a", found(1, {"9"})));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_THAT(places(gathered), ElementsAre("a/9", "b/1"));
  EXPECT_EQ(gathered.count, 71);
  EXPECT_TRUE(gathered.more);
}

TEST(Gathering, NamesThoseThatDidNotAnswerWhole) {
  Gathering gathering(10);
  gathering.expect({"a", "b", "c"});
  gathering.add(answer("a", found(1, {"1"})));
  gathering.add(answer("b", found(5, {"1"}), 1, 3));
  gathering.add(answer("b", found(5, {"2"}), 0, 3));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_THAT(places(gathered), ElementsAre("a/1"));
  EXPECT_EQ(gathered.count, 1) << "of a half nothing counts";
  EXPECT_THAT(gathered.missing, ElementsAre("b", "c"));
}

/// A publish that was not confirmed when its connection died is sent again.
TEST(Gathering, SlicesMayComeTwiceAndInAnyOrder) {
  Gathering gathering(10);
  gathering.expect({"a"});
  gathering.add(answer("a", found(3, {"3"}), 1, 2));
  gathering.add(answer("a", found(3, {"3"}), 1, 2));
  EXPECT_FALSE(gathering.complete());
  gathering.add(answer("a", found(3, {"1", "2"}), 0, 2));
  EXPECT_TRUE(gathering.complete());
  gathering.add(answer("a", found(3, {"1", "2"}), 0, 2));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_EQ(gathered.count, 3);
  EXPECT_THAT(places(gathered), ElementsAre("a/1", "a/2", "a/3"));
}

TEST(Gathering, TakesTheAnswerOfAnInstanceThatWasNotKnownYet) {
  Gathering gathering(10);
  gathering.expect({"a"});
  gathering.add(answer("new", found(1, {"1"})));
  EXPECT_FALSE(gathering.complete());
  gathering.add(answer("a", found(0, {})));
  EXPECT_TRUE(gathering.complete());
  EXPECT_THAT(places(std::move(gathering).finish()), ElementsAre("new/1"));
}

TEST(Gathering, SomebodyWhoAnsweredBeforeItWasExpectedIsNotMissing) {
  Gathering gathering(10);
  gathering.add(answer("a", found(0, {})));
  gathering.expect({"a"});
  EXPECT_TRUE(gathering.complete());
}

TEST(Gathering, KeepsABoundedNumberOfStrangersAndClients) {
  Gathering gathering(1);
  for (int i = 0; i < 1'000; ++i) gathering.add(answer("s" + std::to_string(i), found(1, {"1"})));
  std::vector<std::string> many(101, "x");
  gathering.expect({"a"});
  gathering.add(answer("a", found(101, many)));

  const Gathered gathered = std::move(gathering).finish();

  EXPECT_EQ(gathered.instances.size(), 65U);
  EXPECT_EQ(gathered.clients.size(), 1U);
}

TEST(GatheringForInstance, AListGoesOnBehindAClientOfOneInstance) {
  const ListClients list{.filter = {}, .after = contract::ClientPlace{"b", "5"}, .limit = 7};

  const auto before = std::get<ListClients>(for_instance(list, "a"));
  EXPECT_EQ(before.limit, 0U) << "shown already: only counted";
  EXPECT_FALSE(before.after);
  EXPECT_EQ(std::get<ListClients>(for_instance(list, "b")), list);
  const auto behind = std::get<ListClients>(for_instance(list, "c"));
  EXPECT_EQ(behind.limit, 7U);
  EXPECT_FALSE(behind.after);
}

}  // namespace
}  // namespace nx::operators
