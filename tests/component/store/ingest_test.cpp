#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(IngestSuite, StoresEveryFieldOfANotification) {
  NewNotification item = message("pay-1", {"u1"});
  Activity& activity = item.activity;
  activity.body = "body \xE2\x82\xAC";
  activity.data = R"({"amount":1.50})";
  activity.extra = R"({"shift":7})";
  activity.scope = RecipientScope::merchant;
  activity.organizer_id = "o1";
  activity.merchant_id = "m1";
  activity.actor_id = "u9";
  activity.occurred_at = EpochMs{1795423485117};

  const IngestResult result = ingest(item);

  EXPECT_EQ(result.outcome, IngestOutcome::stored);
  const InboxRow inbox_row = row("u1", result.notification.id);
  const Notification& stored = inbox_row.notification;
  EXPECT_EQ(stored.id, result.notification.id);
  EXPECT_EQ(stored.key, "pay-1");
  EXPECT_EQ(stored.type, "payment.success");
  EXPECT_EQ(stored.title, "Paid");
  EXPECT_EQ(stored.body, activity.body);
  EXPECT_EQ(stored.data, activity.data);
  EXPECT_EQ(stored.extra, activity.extra);
  EXPECT_EQ(stored.scope, RecipientScope::merchant);
  EXPECT_EQ(stored.organizer_id, "o1");
  EXPECT_EQ(stored.merchant_id, "m1");
  EXPECT_EQ(stored.actor_id, "u9");
  EXPECT_EQ(stored.occurred_at, EpochMs{1795423485117});
  EXPECT_EQ(stored.created_at, result.notification.created_at);
  EXPECT_EQ(stored.modified_at, stored.created_at);
  EXPECT_EQ(inbox_row.seq, 1);
  EXPECT_EQ(inbox_row.read_at, std::nullopt);
  EXPECT_EQ(inbox_row.archived_at, std::nullopt);
  EXPECT_EQ(stored.id.bytes[6] >> 4, 7) << "UUIDv7";
}

TEST_P(IngestSuite, KeepsAbsentValuesApartFromEmptyOnes) {
  NewNotification bare = message({"u1"});
  NewNotification empty = message({"u1"});
  empty.activity.body = "";
  const auto results = ingest(std::vector{bare, empty});

  EXPECT_EQ(row("u1", results[0].notification.id).notification.body, std::nullopt);
  EXPECT_EQ(row("u1", results[0].notification.id).notification.key, std::nullopt);
  EXPECT_EQ(row("u1", results[1].notification.id).notification.body, "");
}

TEST_P(IngestSuite, NumbersEachUsersRowsInBatchOrder) {
  ingest(message({"u1"}));

  const auto results = ingest({message({"u2", "u1"}), message({"u3"}), message({"u1", "u2"})});

  ASSERT_EQ(results.size(), 3U);
  const auto delivered = [](const IngestResult& result) {
    std::vector<std::string> text;
    for (const Delivered& d : result.recipients) {
      text.push_back(d.user.value + ":" + std::to_string(d.seq) + ":" + std::to_string(d.unread));
    }
    return text;
  };
  EXPECT_THAT(delivered(results[0]), ElementsAre("u2:1:1", "u1:2:2"));
  EXPECT_THAT(delivered(results[1]), ElementsAre("u3:1:1"));
  EXPECT_THAT(delivered(results[2]), ElementsAre("u1:3:3", "u2:2:2"));
  expect_counters("u1", 3, 3);
  expect_counters("u2", 2, 2);
  expect_counters("u3", 1, 1);
}

TEST_P(IngestSuite, AnEmptyBatchIsNothing) {
  EXPECT_THAT(ingest(std::vector<NewNotification>{}), IsEmpty());
}

TEST_P(IngestSuite, AScopeThatResolvesToNobodyIsStored) {
  const IngestResult result = ingest(message({}));

  EXPECT_EQ(result.outcome, IngestOutcome::stored);
  EXPECT_THAT(result.recipients, IsEmpty());
  EXPECT_EQ(store_->find({"u1"}, result.notification.id), std::nullopt);
}

TEST_P(IngestSuite, OneKeyInABatchIsStoredOnce) {
  const NewNotification first = message("k", {"u1"});
  const auto results = ingest({first, message("k", {"u1", "u2"}), first});

  EXPECT_EQ(results[0].outcome, IngestOutcome::stored);
  EXPECT_EQ(results[1].outcome, IngestOutcome::known_key);
  EXPECT_THAT(results[1].recipients, IsEmpty());
  EXPECT_EQ(results[2].outcome, IngestOutcome::redelivered);
  EXPECT_EQ(results[2].notification.id, results[0].notification.id);
  expect_counters("u1", 1, 1);
  expect_counters("u2", 0, 0);
}

TEST_P(IngestSuite, AKeyIsUniqueWithinItsType) {
  NewNotification other = message("k", {"u1"});
  other.activity.type = "payment.failed";

  EXPECT_EQ(ingest(message("k", {"u1"})).outcome, IngestOutcome::stored);
  EXPECT_EQ(ingest(other).outcome, IngestOutcome::stored);
  EXPECT_EQ(ingest(message("k", {"u1"})).outcome, IngestOutcome::known_key);
}

TEST_P(IngestSuite, TypeAndKeyDoNotRunIntoEachOther) {
  NewNotification one = message("bc", {"u1"});
  one.activity.type = "a";
  NewNotification other = message("c", {"u1"});
  other.activity.type = "ab";

  EXPECT_EQ(ingest(one).outcome, IngestOutcome::stored);
  EXPECT_EQ(ingest(other).outcome, IngestOutcome::stored);
}

TEST_P(IngestSuite, NoKeyReachesTheNamespaceOfRecords) {
  const NewNotification record = message({"u1"});
  NewNotification forged = message(record.activity.source, {"u1"});

  EXPECT_EQ(ingest(record).outcome, IngestOutcome::stored);
  EXPECT_EQ(ingest(forged).outcome, IngestOutcome::stored);
}

TEST_P(IngestSuite, ARedeliveredRecordComesWithItsStoredRowAndTheUnreadOfNow) {
  NewNotification item = message("k", {"u2", "u1"});
  item.activity.title = "first";
  const IngestResult stored = ingest(item);
  ingest(message({"u1"}));
  item.activity.title = "changed";

  const IngestResult again = ingest(item);

  EXPECT_EQ(again.outcome, IngestOutcome::redelivered);
  EXPECT_EQ(again.notification.id, stored.notification.id);
  EXPECT_EQ(again.notification.title, "first");
  EXPECT_EQ(again.notification.created_at, stored.notification.created_at);
  ASSERT_EQ(again.recipients.size(), 2U);
  EXPECT_EQ(again.recipients[0].user.value, "u2");
  EXPECT_EQ(again.recipients[0].seq, 1);
  EXPECT_EQ(again.recipients[0].unread, 1);
  EXPECT_EQ(again.recipients[1].user.value, "u1");
  EXPECT_EQ(again.recipients[1].seq, 1);
  EXPECT_EQ(again.recipients[1].unread, 2);
  expect_counters("u1", 2, 2);
}

TEST_P(IngestSuite, AWholeBatchThatComesAgainHasTheRowsOfEachOfItsRecords) {
  std::vector<NewNotification> batch;
  for (int i = 0; i < 40; ++i) {
    const std::string one = std::to_string(i);
    batch.push_back(i % 7 == 0 ? message({}) : message({"shared", "of-" + one}));
  }
  const auto stored = ingest(batch);
  batch.insert(batch.begin() + 5, message({"new"}));

  auto again = ingest(batch);

  EXPECT_EQ(again[5].outcome, IngestOutcome::stored);
  again.erase(again.begin() + 5);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(again[i].outcome, IngestOutcome::redelivered) << i;
    EXPECT_EQ(again[i].notification.id, stored[i].notification.id) << i;
    ASSERT_EQ(again[i].recipients.size(), stored[i].recipients.size()) << i;
    for (std::size_t k = 0; k < stored[i].recipients.size(); ++k) {
      EXPECT_EQ(again[i].recipients[k].user, stored[i].recipients[k].user) << i;
      EXPECT_EQ(again[i].recipients[k].seq, stored[i].recipients[k].seq) << i;
    }
  }
}

TEST_P(IngestSuite, ARedeliveredRecordLeavesOutWhoHasNoRowOrArchivedIt) {
  NewNotification item = message({"u1", "u2"});
  const IngestResult stored = ingest(item);
  ASSERT_TRUE(store_->change({"u2"}, stored.notification.id, {.read = {}, .archived = true}));
  item.recipients.push_back({"joined-later"});

  const IngestResult again = ingest(item);

  ASSERT_EQ(again.recipients.size(), 1U);
  EXPECT_EQ(again.recipients[0].user.value, "u1");
  expect_counters("joined-later", 0, 0);
}

TEST_P(IngestSuite, AnotherRecordWithAKnownKeyIsNothingToDo) {
  ingest(message("k", {"u1"}));

  const IngestResult other = ingest(message("k", {"u1", "u2"}));

  EXPECT_EQ(other.outcome, IngestOutcome::known_key);
  EXPECT_THAT(other.recipients, IsEmpty());
  expect_counters("u2", 0, 0);
}

TEST_P(IngestSuite, ARecordThatRepeatsAStoredOneIsNothingToDoAndOneThatRepeatsALostOneIsStoredOnce) {
  const NewNotification first = message({"u1"});
  ingest(first);
  NewNotification again = message({"u1"});
  again.activity.replay_of = first.activity.source;
  NewNotification lost = message({"u1"});
  lost.activity.replay_of = message({"u1"}).activity.source;
  NewNotification lost_again = message({"u1"});
  lost_again.activity.replay_of = lost.activity.replay_of;

  EXPECT_EQ(ingest(again).outcome, IngestOutcome::known_key);
  EXPECT_EQ(ingest(lost).outcome, IngestOutcome::stored);
  EXPECT_EQ(ingest(lost).outcome, IngestOutcome::redelivered) << "the same record";
  EXPECT_EQ(ingest(lost_again).outcome, IngestOutcome::known_key);
  expect_counters("u1", 2, 2);
}

TEST_P(IngestSuite, AThousandRecipientsEachGetTheirRow) {
  std::vector<std::string> users;
  for (int i = 0; i < 1'000; ++i) users.push_back("user-" + std::to_string(i));

  const auto results = ingest({message(users), message(users)});

  EXPECT_EQ(results[1].recipients.size(), 1'000U);
  for (const Delivered& delivered : results[1].recipients) {
    ASSERT_EQ(delivered.seq, 2);
    ASSERT_EQ(delivered.unread, 2);
  }
  for (const std::string& user : users) expect_counters(user, 2, 2);
}

TEST_P(IngestSuite, AUserIdThatCanNeverBeStoredFailsTheWholeBatchAsInvalid) {
  const auto results = store_->ingest(std::vector{message({"u1"}), message({std::string(129, 'x')})});

  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().kind, ErrorKind::invalid);
  expect_counters("u1", 0, 0);
  EXPECT_EQ(ingest(message({"u1", std::string(128, 'x')})).recipients.front().seq, 1);
}

TEST_P(IngestSuite, AFailedBatchLeavesItsKeysFree) {
  const NewNotification good = message("k", {"u1"});
  ASSERT_FALSE(store_->ingest(std::vector{good, message({std::string(200, 'x')})}));

  EXPECT_EQ(ingest(good).outcome, IngestOutcome::stored);
}

TEST_P(IngestSuite, TakesHostileTextAsText) {
  NewNotification item = message("'; DROP TABLE \"ActivityInbox\"; --", {"o'neil\"; --"});
  item.activity.title = "\xF0\x9F\x98\x80 %s ?1";
  const IngestResult result = ingest(item);

  const InboxRow inbox_row = row("o'neil\"; --", result.notification.id);
  EXPECT_EQ(inbox_row.notification.title, item.activity.title);
  EXPECT_EQ(inbox_row.notification.key, item.activity.key);
}

}  // namespace
}  // namespace nx::store
