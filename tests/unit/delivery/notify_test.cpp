// What Notify stores: transactions, conflicts, and what can never be stored.

#include <gtest/gtest.h>

#include "unit/delivery/notify_fixture.hpp"

namespace nx::delivery::testing {
namespace {

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

TEST_F(NotifyTest, StoresAMessageForNobodyAndPushesNothing) {
  Activity activity = to_users("a", 1);
  activity.excluded = activity.recipient_ids;

  ASSERT_TRUE(run({activity}));

  EXPECT_EQ(rows.transactions.size(), 1U);
  EXPECT_TRUE(pushed.empty());
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

TEST_F(NotifyTest, AnEmptyBatchAsksTheDatabaseNothing) {
  ASSERT_TRUE(run({}));

  EXPECT_EQ(rows.calls, 0U);
}

}  // namespace
}  // namespace nx::delivery::testing
