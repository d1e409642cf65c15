// How much of its batches Notify has handled when a call ends before them.

#include <array>

#include <gtest/gtest.h>

#include "unit/delivery/notify_fixture.hpp"

namespace nx::delivery::testing {
namespace {

using NotifyPartsTest = NotifyTest;

TEST_F(NotifyPartsTest, HandlesAtLeastOneMessageAndAsManyAsThereIsTimeFor) {
  ASSERT_TRUE(run({}));
  const std::vector<Activity> batch{to_users("a", 1), to_users("b", 1), to_users("c", 1)};

  const auto late = some(batch, std::chrono::steady_clock::now() - std::chrono::seconds{1});
  EXPECT_FALSE(late.held);
  EXPECT_EQ(late.handled, 1U);
  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a"}}));

  const auto rest = some(std::span{batch}.subspan(1));
  EXPECT_FALSE(rest.held);
  EXPECT_EQ(rest.handled, 2U);
  EXPECT_EQ(stats().stored.value(), 3U);
}

TEST_F(NotifyPartsTest, SaysHowFarACallCameThatInfrastructureEnded) {
  options.max_recipient_rows = 1;
  rows.away_for = {"c"};
  rows.refused = {"b"};
  const std::vector batch{to_users("a", 1), to_users("b", 1), to_users("c", 1), to_users("d", 1)};
  ASSERT_FALSE(run(batch));
  pushed.clear();

  const Part part = some(batch);

  ASSERT_TRUE(part.held);
  EXPECT_EQ(part.held->message, "away");
  EXPECT_EQ(part.handled, 2U);
  ASSERT_EQ(part.poison.size(), 1U);
  EXPECT_EQ(part.poison[0].index, 1U);
  EXPECT_EQ(pushed.size(), 1U);

  rows.away_for.clear();
  const Part rest = some(std::span{batch}.subspan(part.handled));
  EXPECT_FALSE(rest.held);
  EXPECT_EQ(rest.handled, 2U);
  EXPECT_EQ(pushed.size(), 3U);
}

TEST_F(NotifyPartsTest, WhatIsBeforeAScopeThatCanNotBeReadIsStored) {
  policies.error = {ErrorKind::unavailable, "policies away"};
  Activity scope = to_users("scope", 0);
  scope.scope = RecipientScope::organizer;
  scope.organizer_id = "o1";
  ASSERT_TRUE(run({}));

  const std::vector batch{to_users("before", 1), scope, to_users("behind", 1)};
  const Part part = some(batch);

  ASSERT_TRUE(part.held);
  EXPECT_EQ(part.handled, 1U);
  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"before"}}));
}

TEST_F(NotifyPartsTest, BatchesOfSeveralPartitionsAreOneTransactionAndEachHasItsPart) {
  rows.refused = {"c"};
  rows.outcomes = {{"d", store::IngestOutcome::waiting}};
  ASSERT_TRUE(run({}));

  const std::vector first{to_users("a", 1), to_users("b", 1)}, second{to_users("c", 1)},
      third{to_users("d", 1), to_users("e", 1)};
  const auto parts = notify->some(std::array<std::span<const Activity>, 3>{first, second, third}, kNever);

  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].handled, 2U);
  EXPECT_TRUE(parts[0].poison.empty());
  EXPECT_EQ(parts[1].handled, 1U);
  ASSERT_EQ(parts[1].poison.size(), 1U);
  EXPECT_EQ(parts[1].poison[0].index, 0U);
  EXPECT_EQ(parts[2].handled, 2U);
  ASSERT_EQ(parts[2].waiting.size(), 1U);
  EXPECT_EQ(parts[2].waiting[0].index, 0U);
  EXPECT_EQ(pushed.size(), 3U);

  rows.refused.clear();
  rows.outcomes.clear();
  rows.transactions.clear();
  notify->some(std::array<std::span<const Activity>, 3>{first, second, third}, kNever);
  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a", "b", "c", "d", "e"}}));
}

TEST_F(NotifyPartsTest, AScopeThatCanNotBeReadHoldsBackItsOwnBatchAlone) {
  policies.error = {ErrorKind::unavailable, "policies away"};
  ASSERT_TRUE(run({}));

  const std::vector first{to_users("a", 1)}, second{to_users("b", 1), to_organizer("c"), to_users("d", 1)},
      third{to_users("e", 1)};
  const auto parts = notify->some(std::array<std::span<const Activity>, 3>{first, second, third}, kNever);

  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a", "b"}}));
  EXPECT_EQ(parts[0].handled, 1U);
  EXPECT_FALSE(parts[0].held);
  EXPECT_EQ(parts[1].handled, 1U);
  EXPECT_TRUE(parts[1].held);
  EXPECT_EQ(parts[2].handled, 0U);
  EXPECT_FALSE(parts[2].held);
}

TEST_F(NotifyPartsTest, ATransactionThatFailsHoldsBackAllBatchesThatItWasFor) {
  options.max_recipient_rows = 1;
  rows.away_for = {"b"};
  ASSERT_TRUE(run({}));

  const std::vector first{to_users("a", 1)}, second{to_users("b", 1)}, third{to_users("c", 1)};
  const auto parts = notify->some(std::array<std::span<const Activity>, 3>{first, second, third}, kNever);

  EXPECT_EQ(parts[0].handled, 1U);
  EXPECT_FALSE(parts[0].held);
  EXPECT_EQ(parts[1].handled, 0U);
  EXPECT_TRUE(parts[1].held);
  EXPECT_EQ(parts[2].handled, 0U);
  EXPECT_FALSE(parts[2].held) << "it was not begun";

  rows.errors = {{ErrorKind::unavailable, "away"}};
  options.max_recipient_rows = 10;
  ASSERT_FALSE(run({to_users("x", 1)}));
  rows.errors = {{ErrorKind::unavailable, "away"}};
  for (const Part& part : notify->some(std::array<std::span<const Activity>, 3>{first, second, third}, kNever)) {
    EXPECT_EQ(part.handled, 0U);
    EXPECT_TRUE(part.held);
  }
}

TEST_F(NotifyPartsTest, AMessageThatWaitsForALockIsGivenBackAndNotPushed) {
  rows.outcomes = {{"b", store::IngestOutcome::waiting}};
  ASSERT_TRUE(run({}));

  const std::vector batch{to_users("a", 1), to_users("b", 1), to_users("c", 1)};
  const Part part = some(batch);

  EXPECT_FALSE(part.held);
  EXPECT_EQ(part.handled, 3U);
  ASSERT_EQ(part.waiting.size(), 1U);
  EXPECT_EQ(part.waiting[0].index, 1U);
  EXPECT_EQ(pushed.size(), 2U);
  EXPECT_EQ(stats().stored.value(), 2U);
}

TEST_F(NotifyPartsTest, WhoMustFinishBeginsNothingMore) {
  ASSERT_TRUE(run({to_users("a", 1)}));
  notify->finish_within(std::chrono::minutes{1});
  const std::vector again{to_users("a", 1)};
  ASSERT_TRUE((*notify)(again));
  ASSERT_EQ(rows.calls, 2U);

  notify->finish_within(std::chrono::milliseconds{0});
  const auto result = (*notify)(again);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(rows.calls, 2U);
}

TEST_F(NotifyPartsTest, ItIsReportedThatAllIsStoredBeforeTheHintsOfTheLastTransaction) {
  options.max_recipient_rows = 1;
  ASSERT_TRUE(run({}));
  const std::vector batch{to_users("a", 1), to_users("b", 1), to_users("c", 1)};
  std::size_t turns = 0, hints_before_turn = 99, hints_at_report = 99;
  std::vector<std::size_t> handled;

  const auto parts = notify->some(std::array<std::span<const Activity>, 1>{batch}, kNever,
                                  {.stored =
                                       [&](const std::vector<Part>& stored) {
                                         hints_at_report = pushed.size();
                                         for (const Part& part : stored) handled.push_back(part.handled);
                                       },
                                   .before_hints =
                                       [&] {
                                         ++turns;
                                         hints_before_turn = pushed.size();
                                       }});

  EXPECT_EQ(rows.transactions.size(), 3U);
  EXPECT_EQ(handled, std::vector<std::size_t>{3});
  EXPECT_EQ(hints_at_report, 2U) << "the hints of a transaction do not wait for the next one";
  EXPECT_EQ(pushed.size(), 3U);
  EXPECT_EQ(turns, 1U);
  EXPECT_EQ(hints_before_turn, 0U);
  EXPECT_EQ(parts.front().handled, 3U);
}

TEST_F(NotifyPartsTest, ABatchWithoutHintsWaitsForNoTurn) {
  rows.outcomes = {{"a", store::IngestOutcome::waiting}};
  ASSERT_TRUE(run({}));
  const std::vector batch{to_users("a", 1)};
  bool waited = false, reported = false;

  notify->some(std::array<std::span<const Activity>, 1>{batch}, kNever,
               {.stored = [&](const std::vector<Part>& stored) { reported = stored.front().waiting.size() == 1; },
                .before_hints = [&] { waited = true; }});

  EXPECT_TRUE(reported);
  EXPECT_FALSE(waited);
}

TEST_F(NotifyPartsTest, TheHintsOfTheFirstHalfOfABatchWithPoisonDoNotWaitForTheSecond) {
  rows.refused = {"d"};
  ASSERT_TRUE(run({}));
  const std::vector batch{to_users("a", 1), to_users("b", 1), to_users("c", 1), to_users("d", 1)};
  std::size_t hints_at_report = 0;

  notify->some(std::array<std::span<const Activity>, 1>{batch}, kNever,
               {.stored = [&](const std::vector<Part>&) { hints_at_report = pushed.size(); }, .before_hints = {}});

  EXPECT_EQ(hints_at_report, 3U);
  EXPECT_EQ(pushed.size(), 3U);
}

}  // namespace
}  // namespace nx::delivery::testing
