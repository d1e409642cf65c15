#include <thread>

#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Show = PageRequest::Show;

TEST_P(InboxSuite, PagesNewestFirst) {
  fill(5);
  PageRequest page = request();
  page.limit = 2;

  const auto first = store_->page(page);
  ASSERT_TRUE(first);
  EXPECT_THAT(seqs_of(first->rows), ElementsAre(5, 4));
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->total, 5);

  page.before_seq = 4;
  const auto second = store_->page(page);
  ASSERT_TRUE(second);
  EXPECT_THAT(seqs_of(second->rows), ElementsAre(3, 2));
  EXPECT_TRUE(second->more);
  EXPECT_EQ(second->total, std::nullopt);

  page.before_seq = 2;
  const auto last = store_->page(page);
  ASSERT_TRUE(last);
  EXPECT_THAT(seqs_of(last->rows), ElementsAre(1));
  EXPECT_FALSE(last->more);
}

TEST_P(InboxSuite, EveryReadNamesTheDatabasesEpochAlsoForSomebodyWithoutARow) {
  ingest(message({"u1"}));
  const std::string epoch = store_->unread_count({"u1"})->epoch;
  EXPECT_EQ(epoch.size(), 16U);
  for (const char* user : {"u1", "nobody"}) {
    PageRequest first;
    first.user = {user};
    EXPECT_EQ(store_->unread_count({user})->epoch, epoch);
    EXPECT_EQ(store_->missed({user}, 0, 10)->now.epoch, epoch);
    EXPECT_EQ(store_->page(first)->epoch, epoch);
  }
  EXPECT_EQ(open()->unread_count({"u1"})->epoch, epoch);
}

TEST_P(InboxSuite, ANewEpochIsReadByConnectionsThatAreOpen) {
  const std::string before = store_->unread_count({"u1"})->epoch;

  const auto renewed = backend_->renew_epoch();

  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_NE(*renewed, before);
  EXPECT_EQ(store_->unread_count({"u1"})->epoch, *renewed);
  ASSERT_TRUE(backend_->migrate());
  EXPECT_EQ(store_->unread_count({"u1"})->epoch, *renewed) << "migrate alone keeps it";
}

TEST_P(InboxSuite, SinceWalksUpwardsAndWinsOverTheCursor) {
  fill(5);
  PageRequest page = request();
  page.limit = 2;
  page.since_seq = 1;
  page.before_seq = 2;

  EXPECT_THAT(seqs(page), ElementsAre(2, 3));
  page.since_seq = 5;
  EXPECT_THAT(seqs(page), IsEmpty());
}

TEST_P(InboxSuite, AFullLastPageHasNoMore) {
  fill(4);
  PageRequest page = request();
  page.limit = 2;
  page.before_seq = 3;

  EXPECT_FALSE(store_->page(page)->more);
}

TEST_P(InboxSuite, SkipPassesOverRows) {
  fill(5);
  PageRequest page = request();
  page.limit = 2;
  page.skip = 3;
  EXPECT_THAT(seqs(page), ElementsAre(2, 1));
  page.skip = 5;
  EXPECT_THAT(seqs(page), IsEmpty());

  page.show = Show::unread;
  page.skip = 3;
  EXPECT_THAT(seqs(page), ElementsAre(2, 1));
}

TEST_P(InboxSuite, AnUnknownUserHasAnEmptyInbox) {
  const auto page = store_->page(request());
  ASSERT_TRUE(page);
  EXPECT_THAT(page->rows, IsEmpty());
  EXPECT_EQ(page->total, 0);
  EXPECT_EQ(store_->mark_all_read({"u1"}, {})->changed, 0);
  EXPECT_EQ(store_->missed({"u1"}, 0, 10)->now.seq, 0);
  expect_counters("u1", 0, 0);
}

TEST_P(InboxSuite, AnotherUsersRowIsNotThere) {
  const NotificationId foreign = ingest(message({"u2"})).notification.id;
  fill(1);

  EXPECT_EQ(store_->find({"u1"}, foreign), std::nullopt);
  EXPECT_EQ(store_->change({"u1"}, foreign, {.read = true, .archived = {}}), std::nullopt);
  EXPECT_THAT(store_->mark_read({"u1"}, std::vector{foreign})->ids, IsEmpty());
  expect_counters("u2", 1, 1);
  EXPECT_EQ(row("u2", foreign).read_at, std::nullopt);
}

TEST_P(InboxSuite, ReadingARowTwiceCountsOnce) {
  fill(3);
  read(2);
  const auto first = read_at(2);
  read(2);

  EXPECT_TRUE(first);
  EXPECT_EQ(read_at(2), first);
  expect_counters("u1", 2, 3);
  EXPECT_THAT(seqs(request(Show::unread)), ElementsAre(3, 1));

  unread(2);
  unread(2);
  EXPECT_EQ(read_at(2), std::nullopt);
  expect_counters("u1", 3, 3);
}

TEST_P(InboxSuite, ArchivedRowsLeaveTheListTheCountAndTheCatchUp) {
  fill(3);
  archive(2);
  archive(2);

  EXPECT_THAT(seqs(request()), ElementsAre(3, 1));
  EXPECT_THAT(seqs(request(Show::unread)), ElementsAre(3, 1));
  EXPECT_THAT(seqs(request(Show::archived)), ElementsAre(2));
  EXPECT_EQ(store_->page(request())->total, 2);
  EXPECT_EQ(store_->page(request(Show::archived))->total, 1);
  EXPECT_THAT(seqs_of(store_->missed({"u1"}, 0, 10)->rows), ElementsAre(1, 3));
  expect_counters("u1", 2, 3);

  restore(2);
  EXPECT_THAT(seqs(request()), ElementsAre(3, 2, 1));
  expect_counters("u1", 3, 3);
}

TEST_P(InboxSuite, ArchivingTwiceKeepsTheFirstTime) {
  fill(1);
  archive(1);
  const auto first = row("u1", id_of(1)).archived_at;
  while (now_wall() <= *first) std::this_thread::yield();
  archive(1);

  EXPECT_EQ(row("u1", id_of(1)).archived_at, first);
}

TEST_P(InboxSuite, AReadRowComesBackReadFromTheArchive) {
  fill(1);
  set(1, {.read = true, .archived = true});
  expect_counters("u1", 0, 1);
  restore(1);

  EXPECT_TRUE(read_at(1));
  expect_counters("u1", 0, 1);
}

TEST_P(InboxSuite, MarkReadNamesOnlyWhatChanged) {
  fill(4);
  read(2);

  const auto marked = store_->mark_read({"u1"}, std::vector{id_of(3), id_of(2), id_of(1), id_of(3), NotificationId{}});

  ASSERT_TRUE(marked);
  EXPECT_EQ(marked->changed, 2);
  EXPECT_THAT(marked->ids, ElementsAre(id_of(3), id_of(1)));
  EXPECT_EQ(marked->unread, 1);
  EXPECT_EQ(read_at(3), marked->read_at);
  expect_counters("u1", 1, 4);
}

TEST_P(InboxSuite, MarkAllReadsEveryRowAndNothingThatComesLater) {
  fill(3);
  const Marked marked = mark_all();
  fill(1);

  EXPECT_EQ(marked.changed, 3);
  EXPECT_EQ(marked.up_to, 3);
  EXPECT_EQ(marked.unread, 0);
  EXPECT_EQ(read_at(1), marked.read_at);
  EXPECT_EQ(read_at(3), marked.read_at);
  EXPECT_EQ(read_at(4), std::nullopt);
  EXPECT_THAT(seqs(request(Show::unread)), ElementsAre(4));
  EXPECT_THAT(seqs(request()), ElementsAre(4, 3, 2, 1));
  expect_counters("u1", 1, 4);
  EXPECT_EQ(mark_all().changed, 1);
  EXPECT_EQ(mark_all().changed, 0);
}

TEST_P(InboxSuite, ALaterMarkDoesNotChangeWhenARowWasRead) {
  fill(1);
  const Marked first = mark_all();
  while (now_wall() <= first.read_at) std::this_thread::yield();
  fill(1);
  const Marked second = mark_all();

  ASSERT_GT(second.read_at, first.read_at);
  EXPECT_EQ(read_at(1), first.read_at);
  EXPECT_EQ(read_at(2), second.read_at);
}

TEST_P(InboxSuite, MarkAllWithUpToStopsThere) {
  fill(5);
  archive(2);

  const Marked marked = mark_all(3);

  EXPECT_EQ(marked.changed, 2);
  EXPECT_EQ(marked.up_to, 3);
  EXPECT_EQ(marked.unread, 2);
  EXPECT_THAT(seqs(request(Show::unread)), ElementsAre(5, 4));
  expect_counters("u1", 2, 5);
  EXPECT_EQ(mark_all(2).changed, 0);
  EXPECT_EQ(mark_all(0).changed, 0);
  EXPECT_EQ(mark_all(-7).changed, 0);
  expect_counters("u1", 2, 5);

  EXPECT_EQ(mark_all(1'000).up_to, 5);
  expect_counters("u1", 0, 5);
}

TEST_P(InboxSuite, ARowReopenedBelowTheMarkIsUnreadUntilItIsReadAgain) {
  fill(4);
  mark_all();
  unread(2);
  unread(3);
  fill(1);

  EXPECT_EQ(read_at(2), std::nullopt);
  EXPECT_THAT(seqs(request(Show::unread)), ElementsAre(5, 3, 2));
  expect_counters("u1", 3, 5);

  PageRequest page = request(Show::unread);
  page.limit = 1;
  page.before_seq = 5;
  EXPECT_THAT(seqs(page), ElementsAre(3));
  page.since_seq = 2;
  EXPECT_THAT(seqs(page), ElementsAre(3));
  page.since_seq = 3;
  EXPECT_THAT(seqs(page), ElementsAre(5));

  EXPECT_EQ(mark_all(2).changed, 1);
  expect_counters("u1", 2, 5);
  read(3);
  expect_counters("u1", 1, 5);
  EXPECT_EQ(mark_all().changed, 1);
  EXPECT_THAT(seqs(request(Show::unread)), IsEmpty());
}

TEST_P(InboxSuite, MarkAllReachesWhatIsArchivedToo) {
  fill(3);
  mark_all(1);
  unread(1);
  archive(1);
  archive(3);
  EXPECT_EQ(mark_all().changed, 1);
  restore(1);
  restore(3);

  EXPECT_TRUE(read_at(1));
  EXPECT_TRUE(read_at(3));
  expect_counters("u1", 0, 3);
}

TEST_P(InboxSuite, CatchUpGivesTheOldestFirstAndSaysWhenThereIsMore) {
  fill(5);

  const auto cut = store_->missed({"u1"}, 1, 2);
  ASSERT_TRUE(cut);
  EXPECT_THAT(seqs_of(cut->rows), ElementsAre(2, 3));
  EXPECT_FALSE(cut->complete);
  EXPECT_EQ(cut->now.seq, 5);
  EXPECT_EQ(cut->now.count, 5);

  const auto rest = store_->missed({"u1"}, 3, 2);
  EXPECT_THAT(seqs_of(rest->rows), ElementsAre(4, 5));
  EXPECT_TRUE(rest->complete);
}

}  // namespace
}  // namespace nx::store
