// What clients acknowledged, and what operators ask about one notification.

#include <thread>

#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr EpochMs kNoon{1'795'953'600'000}, kLater{1'795'953'600'250};

}  // namespace

TEST_P(DeliveryRecordsSuite, TheFirstAckOfARowCountsAndNoCounterMoves) {
  fill(2);
  const auto ack = [&](EpochMs at) {
    return *store_->acknowledge(std::vector<Acknowledgement>{{.user = {"u1"}, .ids = {id_of(1)}, .at = at}});
  };
  EXPECT_EQ(ack(kNoon), 1);
  EXPECT_EQ(ack(kLater), 0);
  const auto record = *store_->delivery({"u1"}, id_of(1));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->delivered_at, kNoon);
  EXPECT_EQ(record->seq, 1);
  EXPECT_EQ(record->read_at, std::nullopt);
  EXPECT_EQ((*store_->delivery({"u1"}, id_of(2)))->delivered_at, std::nullopt);
  expect_counters("u1", 2, 2);
  EXPECT_EQ(store_->recount({"u1"})->count, 2);
}

TEST_P(DeliveryRecordsSuite, AnAckOfAnotherUsersRowOrOfOneThatIsNotThereMarksNothing) {
  const NotificationId foreign = ingest(message({"u2"})).notification.id;
  fill(1);
  const std::vector<Acknowledgement> batch{{.user = {"u1"}, .ids = {foreign, NotificationId{{1, 2, 3}}}, .at = kNoon},
                                           {.user = {"nobody"}, .ids = {foreign}, .above = 0, .up_to = 9, .at = kNoon}};
  EXPECT_EQ(store_->acknowledge(batch), 0);
  EXPECT_EQ((*store_->delivery({"u2"}, foreign))->delivered_at, std::nullopt);
  EXPECT_EQ(*store_->delivery({"u1"}, foreign), std::nullopt);
}

TEST_P(DeliveryRecordsSuite, AStretchMarksWhatIsAboveAndUpToItsEndsButNotTheArchived) {
  fill(5);
  archive(3);
  const std::vector<Acknowledgement> batch{{.user = {"u1"}, .ids = {}, .above = 1, .up_to = 4, .at = kNoon}};
  EXPECT_EQ(store_->acknowledge(batch), 2);
  for (const auto& [seq, marked] : {std::pair{1, false}, {2, true}, {3, false}, {4, true}, {5, false}}) {
    EXPECT_EQ((*store_->delivery({"u1"}, id_of(seq)))->delivered_at.has_value(), marked) << seq;
  }
  restore(3);
  expect_counters("u1", 5, 5);
}

TEST_P(DeliveryRecordsSuite, AStretchBeyondTheNewestMarksWhatIsThereAndOfALongOneTheNewest) {
  std::vector<NewNotification> batch;
  for (int i = 0; i < kMaxAcknowledgedRows + 10; ++i) batch.push_back(message({"u1"}));
  for (const IngestResult& result : ingest(batch)) ids_.push_back(result.notification.id);
  const std::vector<Acknowledgement> all{{.user = {"u1"}, .ids = {}, .above = 0, .up_to = 1'000'000, .at = kNoon}};
  EXPECT_EQ(store_->acknowledge(all), kMaxAcknowledgedRows);
  EXPECT_EQ((*store_->delivery({"u1"}, id_of(10)))->delivered_at, std::nullopt);
  EXPECT_EQ((*store_->delivery({"u1"}, id_of(11)))->delivered_at, kNoon);
  // The walk ends at its bound, marked or not: what was left is not found by saying it again.
  EXPECT_EQ(store_->acknowledge(all), 0);
}

TEST_P(DeliveryRecordsSuite, OneBatchMarksForManyUsersAndBothForms) {
  const IngestResult both = ingest(message({"u1", "u2"}));
  fill(2);  // u1: 2 and 3
  const std::vector<Acknowledgement> batch{
      {.user = {"u2"}, .ids = {both.notification.id}, .at = kLater},
      {.user = {"u1"}, .ids = {both.notification.id}, .above = 2, .up_to = 3, .at = kNoon},
      {.user = {"u1"}, .ids = {both.notification.id}, .at = kLater}};
  EXPECT_EQ(store_->acknowledge(batch), 3);
  EXPECT_EQ((*store_->delivery({"u2"}, both.notification.id))->delivered_at, kLater);
  EXPECT_EQ((*store_->delivery({"u1"}, both.notification.id))->delivered_at, kNoon);
  EXPECT_EQ((*store_->delivery({"u1"}, ids_[0]))->delivered_at, std::nullopt);
  EXPECT_EQ((*store_->delivery({"u1"}, ids_[1]))->delivered_at, kNoon);
}

TEST_P(DeliveryRecordsSuite, AcksGoOnBesideIngestAndReadingOfTheSameRows) {
  std::vector<NotificationId> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(ingest(message({"u1", "u2"})).notification.id);
  const auto work = [this, &ids](auto&& step) {
    return std::thread([this, &ids, step] {
      const auto store = open();
      for (const NotificationId& id : ids) step(*store, id);
    });
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.push_back(work([](ActivityNotificationRepository& store, const NotificationId& id) {
      const std::vector<Acknowledgement> batch{{.user = {"u2"}, .ids = {id}, .above = 0, .up_to = 50, .at = kNoon},
                                               {.user = {"u1"}, .ids = {id}, .above = 0, .up_to = 50, .at = kNoon}};
      const auto done = store.acknowledge(batch);
      EXPECT_TRUE(done || done.error().kind == ErrorKind::conflict) << done.error().message;
    }));
  }
  threads.push_back(work([](ActivityNotificationRepository& store, const NotificationId& id) {
    EXPECT_TRUE(store.change({"u1"}, id, {.read = true, .archived = {}}));
  }));
  threads.push_back(work([](ActivityNotificationRepository& store, const NotificationId&) {
    EXPECT_TRUE(store.mark_all_read({"u2"}, {}));
  }));
  for (std::thread& thread : threads) thread.join();
  for (const NotificationId& id : ids) {
    EXPECT_EQ((*store_->delivery({"u1"}, id))->delivered_at, kNoon);
    EXPECT_TRUE((*store_->delivery({"u1"}, id))->read_at);
    EXPECT_TRUE((*store_->delivery({"u2"}, id))->read_at);
  }
  expect_counters("u1", 0, 40);
  expect_counters("u2", 0, 40);
}

TEST_P(DeliveryRecordsSuite, WhoWasExcludedAndFromWhichRecordIsKept) {
  NewNotification item = message({"u1"});
  item.activity.excluded = {{"u2"}, {"u\"3\\"}, {"ü4"}};
  const IngestResult result = ingest(item);
  const auto origin = store_->stored_notification(result.notification.id);
  ASSERT_TRUE(origin) << origin.error().message;
  ASSERT_TRUE(*origin);
  EXPECT_THAT((*origin)->excluded, ElementsAre(UserId{"u2"}, UserId{"u\"3\\"}, UserId{"ü4"}));
  EXPECT_EQ((*origin)->source, item.activity.source);
  EXPECT_EQ((*origin)->notification.title, "Paid");
  EXPECT_EQ((*origin)->notification.created_at, result.notification.created_at);

  const NewNotification keyed = message("k1", {"u1"});
  const auto of_keyed = store_->stored_notification(ingest(keyed).notification.id);
  ASSERT_TRUE(of_keyed && *of_keyed);
  EXPECT_THAT((*of_keyed)->excluded, IsEmpty());
  EXPECT_EQ((*of_keyed)->source, keyed.activity.source);
  EXPECT_EQ((*of_keyed)->notification.key, "k1");

  EXPECT_EQ(*store_->stored_notification(NotificationId{{1}}), std::nullopt);
}

TEST_P(DeliveryRecordsSuite, TheRecipientsAreFoundInboxByInbox) {
  const IngestResult other = ingest(message({"a", "b", "c", "d", "e"}));
  const IngestResult meant = ingest(message({"b", "d"}));
  ASSERT_TRUE(store_->change({"d"}, meant.notification.id, {.read = true, .archived = true}));

  const auto first = store_->deliveries(meant.notification.id, {""}, 3);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_THAT(first->records, SizeIs(1));
  EXPECT_EQ(first->records[0].user, UserId{"b"});
  EXPECT_EQ(first->records[0].seq, 2);
  EXPECT_EQ(first->reached, UserId{"c"});

  const auto second = store_->deliveries(meant.notification.id, *first->reached, 3);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_THAT(second->records, SizeIs(1));
  EXPECT_EQ(second->records[0].user, UserId{"d"});
  EXPECT_TRUE(second->records[0].read_at);
  EXPECT_TRUE(second->records[0].archived_at);
  EXPECT_EQ(second->records[0].delivered_at, std::nullopt);
  EXPECT_EQ(second->reached, std::nullopt);

  EXPECT_THAT(store_->deliveries(other.notification.id, {""}, 100)->records, SizeIs(5));
  EXPECT_THAT(store_->deliveries(NotificationId{{1}}, {""}, 100)->records, IsEmpty());
}

TEST_P(DeliveryRecordsSuite, ADeliverySaysWhenAMarkReachedIt) {
  fill(2);
  const Marked marked = mark_all();
  const auto record = *store_->delivery({"u1"}, id_of(1));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->read_at, marked.read_at);
  EXPECT_EQ(store_->deliveries(id_of(1), {""}, 10)->records.at(0).read_at, marked.read_at);
}

TEST_P(DeliveryRecordsSuite, ARowOfAScopeThatThisVersionDoesNotKnowIsAnErrorAndNotOneForUsers) {
  fill(1);
  backend_->run(R"(UPDATE @"ActivityNotification" SET recipient_scope = 'team')");

  EXPECT_EQ(store_->page(request()).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store_->find({"u1"}, id_of(1)).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store_->missed({"u1"}, 0, 10).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(store_->stored_notification(id_of(1)).error().kind, ErrorKind::unavailable);
}

}  // namespace nx::store
