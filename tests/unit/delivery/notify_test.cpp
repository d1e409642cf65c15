#include "delivery/notify.hpp"

#include <array>
#include <deque>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {
namespace {

constexpr EpochMs kNow{1'800'000'000'000};

class NotifyTest : public ::testing::Test {
 protected:
  struct Hint {
    std::string head;
    std::vector<fanout::HintRecipient> to;
    EpochMs recorded;
  };

  NotifyOptions options{.now = [] { return kNow; }};
  FakePolicies policies;
  FakeRows rows;
  std::optional<resolve::RecipientResolver> resolver;
  std::vector<Hint> pushed;
  std::size_t connected = 1'000'000;
  bool has_bus = false;

  Result<std::vector<Poison>> run(const std::vector<Activity>& batch) {
    resolver.emplace(policies);
    notify = std::make_unique<Notify>(
        *resolver, rows,
        [this](const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to, EpochMs recorded) {
          pushed.push_back({*head, to, recorded});
          return Pushed{.here = std::min(connected, to.size()), .bus = has_bus ? to.size() : 0};
        },
        options, kQuiet);
    return (*notify)(batch);
  }
  const NotifyStats& stats() const { return notify->stats(); }
  std::unique_ptr<Notify> notify;

  Part some(std::span<const Activity> batch, std::chrono::steady_clock::time_point until = kNever) {
    return notify->some(std::array{batch}, until).front();
  }
  static constexpr auto kNever = std::chrono::steady_clock::time_point::max();
  static Activity to_organizer(const std::string& title) {
    Activity activity = to_users(title, 0);
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = "o1";
    return activity;
  }

  static Activity to_users(const std::string& title, int users) {
    Activity activity;
    activity.source = "t/0/" + title + "/1";
    activity.type = "t";
    activity.title = title;
    activity.record_time = kNow;
    for (int i = 0; i < users; ++i) activity.recipient_ids.push_back({"u" + std::to_string(i)});
    return activity;
  }
};

TEST_F(NotifyTest, MembersWhoseIdsCanBeNoUsersAreLeftOutAndCounted) {
  policies.more = {{""}, {std::string(129, 'x')}};
  Activity activity = to_users("a", 0);
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";
  ASSERT_TRUE(run({activity}));
  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(pushed[0].to.size(), 1U);
  EXPECT_EQ(stats().members_left_out.value(), 2U);
}

TEST_F(NotifyTest, StoresABatchInOneTransactionAndPushesAHintForEach) {
  const auto poison = run({to_users("a", 2), to_users("b", 1)});

  ASSERT_TRUE(poison);
  EXPECT_TRUE(poison->empty());
  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a", "b"}}));
  ASSERT_EQ(pushed.size(), 2U);
  EXPECT_NE(pushed[0].head.find(R"("event":"observation/signal/notification/created","data":{)"), std::string::npos);
  EXPECT_NE(pushed[0].head.find(R"("title":"a")"), std::string::npos);
  ASSERT_EQ(pushed[0].to.size(), 2U);
  EXPECT_EQ(pushed[0].to[0].user.value, "u0");
  EXPECT_EQ(pushed[0].to[0].seq, 7);
  EXPECT_EQ(pushed[0].to[0].unread, 3);
}

TEST_F(NotifyTest, PushesOnlyAfterTheCommit) {
  rows.errors = {{ErrorKind::unavailable, "away"}};

  const auto poison = run({to_users("a", 1)});

  ASSERT_FALSE(poison);
  EXPECT_EQ(poison.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(poison.error().message, "away");
  EXPECT_TRUE(pushed.empty());
}

TEST_F(NotifyTest, SplitsABatchSoThatATransactionHasABoundedNumberOfRows) {
  options.max_recipient_rows = 5;

  ASSERT_TRUE(run({to_users("a", 2), to_users("b", 3), to_users("c", 1), to_users("large", 9), to_users("d", 5)}));

  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a", "b"}, {"c"}, {"large"}, {"d"}}));
}

TEST_F(NotifyTest, AMessageToVeryManyIsStoredWithItsBatchAndItsSlicesComeLater) {
  int woken = 0;
  options.broadcast_stored = [&woken] { ++woken; };
  options.max_recipient_rows = 5;

  ASSERT_TRUE(run({to_users("a", 2), to_users("very many", 2'001), to_users("b", 3)}));

  EXPECT_EQ(rows.transactions, (std::vector<std::vector<std::string>>{{"a", "very many", "b"}}));
  EXPECT_EQ(rows.listed["very many"].size(), 2'001U);
  EXPECT_EQ(pushed.size(), 2U);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(stats().stored.value(), 3U);
  EXPECT_EQ(stats().recipient_rows.value(), 5U);
}

TEST_F(NotifyTest, ARedeliveredRecordToVeryManyIsNotPushedAgain) {
  int woken = 0;
  options.broadcast_stored = [&woken] { ++woken; };
  rows.outcomes = {{"again", store::IngestOutcome::redelivered}};

  ASSERT_TRUE(run({to_users("again", 2'001)}));

  EXPECT_TRUE(pushed.empty());
  EXPECT_EQ(woken, 0);
}

TEST_F(NotifyTest, StoresAMessageForNobodyAndPushesNothing) {
  Activity activity = to_users("a", 1);
  activity.excluded = activity.recipient_ids;

  ASSERT_TRUE(run({activity}));

  EXPECT_EQ(rows.transactions.size(), 1U);
  EXPECT_TRUE(pushed.empty());
}

TEST_F(NotifyTest, DoesNotPushWhatIsTooOldAndCountsIt) {
  Activity young = to_users("young", 1);
  young.record_time = {kNow.value - 3'600'000};
  Activity old = to_users("old", 3);
  old.record_time = {kNow.value - 3'600'001};

  ASSERT_TRUE(run({young, old}));

  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(stats().hints_too_old.value(), 3U);
  EXPECT_EQ(stats().stored.value(), 2U);
}

TEST_F(NotifyTest, AMaximumAgeOfZeroPushesNothing) {
  options.hint_max_age = std::chrono::milliseconds{0};
  Activity future = to_users("a", 1);
  future.record_time = {kNow.value + 10'000};

  ASSERT_TRUE(run({future}));

  EXPECT_TRUE(pushed.empty());
}

TEST_F(NotifyTest, PushesARedeliveredRecordAgainButNotAnotherRecordWithAKnownKey) {
  rows.outcomes = {{"again", store::IngestOutcome::redelivered}, {"known", store::IngestOutcome::known_key}};

  ASSERT_TRUE(run({to_users("again", 1), to_users("known", 1)}));

  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_NE(pushed[0].head.find(R"("title":"again")"), std::string::npos);
  EXPECT_EQ(stats().redelivered.value(), 1U);
  EXPECT_EQ(stats().known_keys.value(), 1U);
  EXPECT_EQ(stats().recipient_rows.value(), 0U);
}

TEST_F(NotifyTest, TriesAConflictAgainAtOnce) {
  rows.errors = {{ErrorKind::conflict, "40001"}, {ErrorKind::conflict, "40P01"}};

  ASSERT_TRUE(run({to_users("a", 1)}));

  EXPECT_EQ(rows.calls, 3U);
  EXPECT_EQ(pushed.size(), 1U);
}

TEST_F(NotifyTest, GivesAConflictThatStaysBackAsInfrastructure) {
  rows.errors.assign(50, {ErrorKind::conflict, "40001"});

  const auto poison = run({to_users("a", 1)});

  ASSERT_FALSE(poison);
  EXPECT_EQ(poison.error().kind, ErrorKind::conflict);
  EXPECT_LT(rows.calls, 10U);
}

TEST_F(NotifyTest, FindsTheOnesThatCanNeverBeStoredByHalvingAndStoresTheRest) {
  rows.refused = {"m3", "m11"};
  std::vector<Activity> batch;
  for (int i = 0; i < 16; ++i) batch.push_back(to_users("m" + std::to_string(i), 1));

  const auto poison = run(batch);

  ASSERT_TRUE(poison);
  ASSERT_EQ(poison->size(), 2U);
  EXPECT_EQ((*poison)[0].index, 3U);
  EXPECT_EQ((*poison)[0].reason, "value refused");
  EXPECT_EQ((*poison)[1].index, 11U);
  EXPECT_EQ(pushed.size(), 14U);
  std::vector<std::string> stored;
  for (const auto& transaction : rows.transactions) stored.insert(stored.end(), transaction.begin(), transaction.end());
  EXPECT_EQ(stored.size(), 14U);
  EXPECT_EQ(stored.front(), "m0");
  EXPECT_EQ(stored.back(), "m15");
}

TEST_F(NotifyTest, HandlesAtLeastOneMessageAndAsManyAsThereIsTimeFor) {
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

TEST_F(NotifyTest, PoisonAcrossSplitTransactionsKeepsItsPlaceInTheBatch) {
  options.max_recipient_rows = 2;
  rows.refused = {"c"};

  const auto poison = run({to_users("a", 2), to_users("b", 2), to_users("c", 2), to_users("d", 2)});

  ASSERT_TRUE(poison);
  ASSERT_EQ(poison->size(), 1U);
  EXPECT_EQ((*poison)[0].index, 2U);
}

TEST_F(NotifyTest, GivesBackThatThePolicyTableIsAway) {
  policies.error = {ErrorKind::unavailable, "policies away"};
  Activity activity = to_users("a", 0);
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";

  const auto poison = run({to_users("before", 1), activity});

  ASSERT_FALSE(poison);
  EXPECT_EQ(poison.error().message, "policies away");
}

TEST_F(NotifyTest, CountsWhoIsConnectedHereAndWhoIsNot) {
  connected = 2;

  ASSERT_TRUE(run({to_users("a", 5)}));

  EXPECT_EQ(stats().hints_local.value(), 2U);
  EXPECT_EQ(stats().hints_no_client.value(), 3U);
  EXPECT_EQ(stats().recipient_rows.value(), 5U);
}

TEST_F(NotifyTest, WhoIsNotHereIsToldOfOverTheBus) {
  connected = 2;
  has_bus = true;

  ASSERT_TRUE(run({to_users("a", 5)}));

  EXPECT_EQ(stats().hints_local.value(), 2U);
  EXPECT_EQ(stats().hints_bus.value(), 3U);
  EXPECT_EQ(stats().hints_no_client.value(), 0U);
}

TEST_F(NotifyTest, PassesTheTraceOn) {
  Activity activity = to_users("a", 1);
  activity.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  ASSERT_TRUE(run({activity}));

  EXPECT_TRUE(
      pushed.at(0).head.ends_with(R"(},"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")"));
}

TEST_F(NotifyTest, AHintSaysWhenItsRecordWasMade) {
  Activity activity = to_users("a", 1);
  activity.record_time = {kNow.value - 250};

  ASSERT_TRUE(run({activity}));

  EXPECT_EQ(pushed.at(0).recorded, EpochMs{kNow.value - 250});
}

TEST_F(NotifyTest, SaysHowFarACallCameThatInfrastructureEnded) {
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

TEST_F(NotifyTest, WhatIsBeforeAScopeThatCanNotBeReadIsStored) {
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

TEST_F(NotifyTest, BatchesOfSeveralPartitionsAreOneTransactionAndEachHasItsPart) {
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

TEST_F(NotifyTest, AScopeThatCanNotBeReadHoldsBackItsOwnBatchAlone) {
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

TEST_F(NotifyTest, ATransactionThatFailsHoldsBackAllBatchesThatItWasFor) {
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

TEST_F(NotifyTest, AMessageThatWaitsForALockIsGivenBackAndNotPushed) {
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

TEST_F(NotifyTest, ARecordThatComesAgainAfterTheBatchWasDoneIsPushedAgain) {
  const std::vector batch{to_users("a", 1)};
  ASSERT_TRUE(run(batch));
  rows.outcomes = {{"a", store::IngestOutcome::redelivered}};

  ASSERT_TRUE((*notify)(batch));

  EXPECT_EQ(pushed.size(), 2U);
  EXPECT_EQ(stats().redelivered.value(), 1U);
}

TEST_F(NotifyTest, WhoMustFinishBeginsNothingMore) {
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

TEST_F(NotifyTest, AnEmptyBatchAsksTheDatabaseNothing) {
  ASSERT_TRUE(run({}));

  EXPECT_EQ(rows.calls, 0U);
}

}  // namespace
}  // namespace nx::delivery::testing
