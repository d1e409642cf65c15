// What Notify pushes to whom, and what it counts.

#include <gtest/gtest.h>

#include "unit/delivery/notify_fixture.hpp"

namespace nx::delivery::testing {
namespace {

using NotifyHintsTest = NotifyTest;

TEST_F(NotifyHintsTest, MembersWhoseIdsCanBeNoUsersAreLeftOutAndCounted) {
  policies.more = {{""}, {std::string(129, 'x')}};
  Activity activity = to_users("a", 0);
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";
  ASSERT_TRUE(run({activity}));
  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(pushed[0].to.size(), 1U);
  EXPECT_EQ(stats().members_left_out.value(), 2U);
}

TEST_F(NotifyHintsTest, PushesOnlyAfterTheCommit) {
  rows.errors = {{ErrorKind::unavailable, "away"}};

  const auto poison = run({to_users("a", 1)});

  ASSERT_FALSE(poison);
  EXPECT_EQ(poison.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(poison.error().message, "away");
  EXPECT_TRUE(pushed.empty());
}

TEST_F(NotifyHintsTest, DoesNotPushWhatIsTooOldAndCountsIt) {
  Activity young = to_users("young", 1);
  young.record_time = {kNow.value - 3'600'000};
  Activity old = to_users("old", 3);
  old.record_time = {kNow.value - 3'600'001};

  ASSERT_TRUE(run({young, old}));

  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(stats().hints_too_old.value(), 3U);
  EXPECT_EQ(stats().stored.value(), 2U);
}

TEST_F(NotifyHintsTest, AMaximumAgeOfZeroPushesNothing) {
  options.hint_max_age = std::chrono::milliseconds{0};
  Activity future = to_users("a", 1);
  future.record_time = {kNow.value + 10'000};

  ASSERT_TRUE(run({future}));

  EXPECT_TRUE(pushed.empty());
}

TEST_F(NotifyHintsTest, PushesARedeliveredRecordAgainButNotAnotherRecordWithAKnownKey) {
  rows.outcomes = {{"again", store::IngestOutcome::redelivered}, {"known", store::IngestOutcome::known_key}};

  ASSERT_TRUE(run({to_users("again", 1), to_users("known", 1)}));

  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_NE(pushed[0].head.find(R"("title":"again")"), std::string::npos);
  EXPECT_EQ(stats().redelivered.value(), 1U);
  EXPECT_EQ(stats().known_keys.value(), 1U);
  EXPECT_EQ(stats().recipient_rows.value(), 0U);
}

TEST_F(NotifyHintsTest, ARedeliveredRecordToVeryManyIsNotPushedAgain) {
  int woken = 0;
  options.broadcast_stored = [&woken] { ++woken; };
  rows.outcomes = {{"again", store::IngestOutcome::redelivered}};

  ASSERT_TRUE(run({to_users("again", 2'001)}));

  EXPECT_TRUE(pushed.empty());
  EXPECT_EQ(woken, 0);
}

TEST_F(NotifyHintsTest, CountsWhoIsConnectedHereAndWhoIsNot) {
  connected = 2;

  ASSERT_TRUE(run({to_users("a", 5)}));

  EXPECT_EQ(stats().hints_local.value(), 2U);
  EXPECT_EQ(stats().hints_no_client.value(), 3U);
  EXPECT_EQ(stats().recipient_rows.value(), 5U);
}

TEST_F(NotifyHintsTest, WhoIsNotHereIsToldOfOverTheBus) {
  connected = 2;
  has_bus = true;

  ASSERT_TRUE(run({to_users("a", 5)}));

  EXPECT_EQ(stats().hints_local.value(), 2U);
  EXPECT_EQ(stats().hints_bus.value(), 3U);
  EXPECT_EQ(stats().hints_no_client.value(), 0U);
}

TEST_F(NotifyHintsTest, PassesTheTraceOn) {
  Activity activity = to_users("a", 1);
  activity.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  ASSERT_TRUE(run({activity}));

  EXPECT_TRUE(
      pushed.at(0).head.ends_with(R"(},"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")"));
}

TEST_F(NotifyHintsTest, AHintSaysWhenItsRecordWasMade) {
  Activity activity = to_users("a", 1);
  activity.record_time = {kNow.value - 250};

  ASSERT_TRUE(run({activity}));

  EXPECT_EQ(pushed.at(0).recorded, EpochMs{kNow.value - 250});
}

TEST_F(NotifyHintsTest, ARecordThatComesAgainAfterTheBatchWasDoneIsPushedAgain) {
  const std::vector batch{to_users("a", 1)};
  ASSERT_TRUE(run(batch));
  rows.outcomes = {{"a", store::IngestOutcome::redelivered}};

  ASSERT_TRUE((*notify)(batch));

  EXPECT_EQ(pushed.size(), 2U);
  EXPECT_EQ(stats().redelivered.value(), 1U);
}

}  // namespace
}  // namespace nx::delivery::testing
