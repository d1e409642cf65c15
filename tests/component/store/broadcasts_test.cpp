// Messages to very many: kept with their batch, given to one worker at a time, stored slice by slice.

#include <thread>

#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using Outcome = StoredSlice::Outcome;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(BroadcastsSuite, AMessageToVeryManyIsStoredWithoutRows) {
  NewNotification item = to_organizer("o1");
  item.activity.excluded = {{"never"}};
  item.activity.traceparent = "00-trace";
  const auto results = ingest({message({"u1"}), item});

  ASSERT_THAT(results, SizeIs(2));
  EXPECT_FALSE(results[0].fanned_out_later);
  EXPECT_TRUE(results[1].fanned_out_later);
  EXPECT_EQ(results[1].outcome, IngestOutcome::stored);
  EXPECT_THAT(results[1].recipients, IsEmpty());

  const auto taken = take("w1");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->notification.id, results[1].notification.id);
  EXPECT_EQ(taken->notification.organizer_id, "o1");
  EXPECT_EQ(taken->notification.title, "Paid");
  EXPECT_THAT(taken->excluded, ElementsAre(UserId{"never"}));
  EXPECT_THAT(taken->listed, IsEmpty());
  EXPECT_EQ(taken->recorded, EpochMs{1'700'000'000'123});
  EXPECT_EQ(taken->traceparent, "00-trace");
  EXPECT_EQ(taken->done_through, std::nullopt);
  EXPECT_FALSE(taken->unconfirmed);
  EXPECT_EQ(taken->recipients_done, 0);
  EXPECT_FALSE(take("w2")) << "one worker at a time";
}

TEST_P(BroadcastsSuite, OfScopeUsersTheListIsKept) {
  NewNotification item = message({"a", "b", "c\"'"});
  item.later = true;
  const NotificationId id = ingest(item).notification.id;

  EXPECT_THAT(take("w1")->listed, ElementsAre(UserId{"a"}, UserId{"b"}, UserId{"c\"'"}));
  expect_counters("a", 0, 0);
  EXPECT_TRUE((*jobs().position(id, {"b"}))->lists_user);
  EXPECT_FALSE((*jobs().position(id, {"d"}))->lists_user);
}

TEST_P(BroadcastsSuite, AListWithAnIdThatCanHaveNoInboxIsRefusedAsAWhole) {
  NewNotification item = message({"a", std::string(129, 'x')});
  item.later = true;

  const auto refused = store_->ingest(std::vector{message({"u1"}), item});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  expect_counters("u1", 0, 0);
  EXPECT_FALSE(take("w1"));
}

TEST_P(BroadcastsSuite, OneWhoseScopeIsUnknownHoldsUpNoOther) {
  ingest(to_organizer("o1"));
  backend_->run(R"(UPDATE @"ActivityNotification" SET recipient_scope = 'team')");
  const NotificationId next = ingest(to_organizer("o2")).notification.id;

  const auto refused = jobs().take("w1");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("team"));

  const auto taken = take("w1");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->notification.id, next);
}

TEST_P(BroadcastsSuite, ASliceStoresRowsCountersAndItsPositionOnce) {
  ingest(message({"b"}));
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));

  const StoredSlice first = store("w1", id, std::nullopt, "c", {"c", "b"});
  EXPECT_EQ(first.outcome, Outcome::stored);
  ASSERT_THAT(first.recipients, SizeIs(2));
  EXPECT_EQ(first.recipients[0].user.value, "c");
  EXPECT_EQ(first.recipients[0].seq, 1);
  EXPECT_EQ(first.recipients[1].seq, 2);
  EXPECT_EQ(first.recipients[1].unread, 2);
  expect_counters("b", 2, 2);
  EXPECT_EQ(row("b", id).seq, 2);

  EXPECT_EQ(store("w1", id, std::nullopt, "c", {"c", "b"}).outcome, Outcome::lost) << "that one is done";
  EXPECT_EQ(store("w2", id, "c", "d", {"d"}).outcome, Outcome::lost) << "another's";
  expect_counters("b", 2, 2);
  expect_counters("d", 0, 0);
  EXPECT_EQ(store("w1", id, "c", "d", {"d"}).outcome, Outcome::stored);
  const auto position = *jobs().position(id, {"b"});
  EXPECT_EQ(position->done_through, "d");
  EXPECT_EQ(position->recipients_done, 3);
}

TEST_P(BroadcastsSuite, ASliceOfNobodyMovesOn) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));

  EXPECT_EQ(store("w1", id, std::nullopt, "c", {}).outcome, Outcome::stored);
  ASSERT_TRUE(release("w1", id, false));

  const auto again = take("w2");
  EXPECT_EQ(again->done_through, "c");
  EXPECT_FALSE(again->unconfirmed) << "it had no hints";
}

TEST_P(BroadcastsSuite, WhatWasReleasedIsTakenWithWhatItsWorkerHadDone) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));
  store("w1", id, std::nullopt, "c", {"c"});
  store("w1", id, "c", "e", {"d", "e"});
  ASSERT_TRUE(release("w1", id, false));

  const auto unconfirmed = take("w2");
  ASSERT_TRUE(unconfirmed);
  EXPECT_TRUE(unconfirmed->unconfirmed);
  EXPECT_EQ(unconfirmed->last_from, "c");
  EXPECT_EQ(unconfirmed->done_through, "e");
  EXPECT_EQ(unconfirmed->recipients_done, 3);
  ASSERT_TRUE(release("w2", id, true));
  EXPECT_FALSE(take("w1")->unconfirmed);
}

TEST_P(BroadcastsSuite, ADeadWorkersLeaseEnds) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("dead"));
  store("dead", id, std::nullopt, "c", {"c"});
  ASSERT_FALSE(take("w2"));
  backend_->end_leases();

  ASSERT_TRUE(take("w2"));
  EXPECT_EQ(store("dead", id, "c", "d", {"d"}).outcome, Outcome::lost) << "it was only slow";
  EXPECT_TRUE(release("dead", id, true)) << "nothing of its";
  EXPECT_EQ(store("w2", id, "c", "d", {"d"}).outcome, Outcome::stored);
  expect_counters("d", 1, 1);
}

TEST_P(BroadcastsSuite, TheyAlternate) {
  const NotificationId a = ingest(to_organizer("a")).notification.id;
  const NotificationId b = ingest(to_organizer("b")).notification.id;
  std::vector<NotificationId> turns;
  for (int i = 0; i < 4; ++i) {
    const auto taken = take("w1");
    ASSERT_TRUE(taken);
    turns.push_back(taken->notification.id);
    ASSERT_TRUE(release("w1", turns.back(), true));
    std::this_thread::sleep_for(milliseconds{2});
  }
  EXPECT_EQ(turns[0], turns[2]);
  EXPECT_EQ(turns[1], turns[3]);
  EXPECT_NE(turns[0], turns[1]);
  EXPECT_EQ(jobs().open(1)->count, 2);
  ASSERT_THAT(jobs().open(1)->oldest, SizeIs(1));
  EXPECT_EQ(jobs().open(1)->oldest[0].id, std::min(a, b));
}

TEST_P(BroadcastsSuite, WhatRestsIsNotTaken) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));
  ASSERT_TRUE(release("w1", id, true, std::chrono::hours{1}));

  EXPECT_FALSE(take("w1"));
}

TEST_P(BroadcastsSuite, WhatIsFinishedIsGone) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));
  EXPECT_FALSE(*jobs().finish("w2", id));
  EXPECT_TRUE(*jobs().finish("w1", id));

  EXPECT_FALSE(take("w1"));
  EXPECT_EQ(*jobs().position(id, {"a"}), std::nullopt);
  EXPECT_EQ(jobs().open(20)->count, 0);
}

TEST_P(BroadcastsSuite, ARedeliveredRecordHasNothingToPush) {
  const NewNotification item = to_organizer("o1");
  ingest(item);
  for (int i = 0; i < 2; ++i) {
    const IngestResult again = ingest(item);
    EXPECT_EQ(again.outcome, IngestOutcome::redelivered);
    EXPECT_TRUE(again.fanned_out_later);
    EXPECT_THAT(again.recipients, IsEmpty());
  }
  EXPECT_EQ(jobs().open(20)->count, 1);
}

TEST_P(BroadcastsSuite, OneWhoseNotificationIsGoneEnds) {
  const NotificationId first = ingest(to_organizer("o1")).notification.id;
  backend_->run(R"(DELETE FROM @"ActivityNotification")");
  const NotificationId second = ingest(to_organizer("o2")).notification.id;
  ASSERT_NE(first, second);

  EXPECT_EQ(take("w1")->notification.id, second);
  EXPECT_EQ(jobs().open(20)->count, 1);
}

TEST_P(BroadcastsSuite, KnowsTheRowsOfThoseWhoHaveIt) {
  const NotificationId id = ingest(to_organizer("o1")).notification.id;
  ASSERT_TRUE(take("w1"));
  store("w1", id, std::nullopt, "b", {"a", "b"});
  ingest(message({"b"}));

  const auto rows = jobs().delivered(id, std::vector<UserId>{{"a"}, {"b"}, {"c"}});
  ASSERT_TRUE(rows && rows->size() == 2U);
  EXPECT_EQ((*rows)[1].user.value, "b");
  EXPECT_EQ((*rows)[1].seq, 1);
  EXPECT_EQ((*rows)[1].unread, 2);
}

}  // namespace
}  // namespace nx::store
