#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

TEST_P(SharingSuite, MigratingTwiceHasNothingToDo) {
  const auto again = backend_->migrate();
  ASSERT_TRUE(again);
  EXPECT_THAT(*again, testing::HasSubstr("nothing to do"));
}

TEST_P(SharingSuite, MigratingSideBySideMakesOneSchema) {
  for (int round = 0; round < 10; ++round) {
    const auto fresh = GetParam()();
    std::atomic<int> ready{0};
    std::vector<Result<std::string>> outcomes(2, fail(ErrorKind::invalid, "not run"));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&, i] {
        ++ready;
        while (ready.load() < 2) std::this_thread::yield();
        outcomes[i] = fresh->migrate();
      });
    }
    for (std::thread& thread : threads) thread.join();

    int created = 0;
    for (const auto& outcome : outcomes) {
      ASSERT_TRUE(outcome) << outcome.error().message;
      created += outcome->starts_with("created") ? 1 : 0;
    }
    EXPECT_EQ(created, 1);
    EXPECT_TRUE(fresh->open_notifications());
  }
}

TEST_P(SharingSuite, TwoWritersAtOnceStoreEachKeyOnceAndNumberEveryRow) {
  constexpr int kMessages = 120;
  std::vector<std::vector<NewNotification>> batches;
  for (int i = 0; i < kMessages; i += 4) {
    std::vector<NewNotification> batch;
    for (int k = i; k < i + 4; ++k)
      batch.push_back(message("key-" + std::to_string(k), {"u1", "u2", "only-" + std::to_string(k % 7)}));
    batches.push_back(std::move(batch));
  }
  std::atomic<int> stored{0};
  std::atomic<int> failures{0};
  const auto write_all = [&](bool backwards) {
    auto store = open();
    std::vector<std::vector<NewNotification>> mine = batches;
    if (backwards) std::reverse(mine.begin(), mine.end());
    for (const auto& batch : mine) {
      const auto results = store->ingest(batch);
      if (!results) {
        ++failures;
        continue;
      }
      for (const IngestResult& result : *results) stored += result.outcome == IngestOutcome::stored ? 1 : 0;
    }
  };
  std::thread one(write_all, false);
  std::thread two(write_all, true);
  one.join();
  two.join();

  EXPECT_EQ(failures, 0);
  EXPECT_EQ(stored, kMessages);
  expect_counters("u1", kMessages, kMessages);
  expect_counters("u2", kMessages, kMessages);
}

TEST_P(SharingSuite, ReadersGoOnDuringWritesAndSeeWholeBatches) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    auto store = open();
    for (int i = 0; i < 60; ++i) {
      const std::vector<NewNotification> batch{message({"u1"}), message({"u1"})};
      EXPECT_TRUE(store->ingest(batch));
    }
    done = true;
  });
  int reads = 0;
  while (!done) {
    const auto missed = store_->missed({"u1"}, 0, 1'000);
    if (!missed) {
      ADD_FAILURE() << missed.error().message;
      break;
    }
    const auto rows = static_cast<std::int64_t>(missed->rows.size());
    EXPECT_EQ(rows % 2, 0) << "half a batch";
    EXPECT_EQ(missed->now.seq, rows) << "rows and counters of two moments";
    EXPECT_EQ(missed->now.count, rows);
    ++reads;
  }
  writer.join();
  EXPECT_GT(reads, 0);
  expect_counters("u1", 120, 120);
}

/// One user's inbox in memory. What it does at random to that of a store, it does to its own rows.
class ModelInbox {
 public:
  struct Row {
    NotificationId id;
    bool read = false;
    bool archived = false;
  };

  ModelInbox(std::string user, unsigned seed) : user_(std::move(user)), random_(seed) {}

  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  const std::string& user() const { return user_; }
  const std::vector<Row>& rows() const { return rows_; }
  std::int64_t unread() const {
    return std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return !row.read && !row.archived; });
  }

  void add(const std::vector<IngestResult>& stored) {
    for (const IngestResult& result : stored) rows_.push_back({.id = result.notification.id});
  }
  void change_one(ActivityNotificationRepository& store) {
    Row& row = any();
    Change change;
    if (pick(2) == 0) change.read = pick(2) == 0;
    if (pick(2) == 0) change.archived = pick(2) == 0;
    const auto changed = store.change({user_}, row.id, change);
    ASSERT_TRUE(changed && *changed);
    row.read = change.read.value_or(row.read);
    row.archived = change.archived.value_or(row.archived);
    EXPECT_EQ((*changed)->read_at.has_value(), row.read);
    EXPECT_EQ((*changed)->archived_at.has_value(), row.archived);
  }
  void mark_some(ActivityNotificationRepository& store) {
    std::vector<NotificationId> ids;
    std::set<NotificationId> expected;
    for (std::size_t i = 0; i <= pick(4); ++i) {
      Row& row = any();
      ids.push_back(row.id);
      if (!row.read) expected.insert(row.id);
      row.read = true;
    }
    const auto marked = store.mark_read({user_}, ids);
    ASSERT_TRUE(marked);
    EXPECT_EQ(std::set<NotificationId>(marked->ids.begin(), marked->ids.end()), expected);
    EXPECT_EQ(marked->unread, unread());
  }
  void mark_all_or_up_to(ActivityNotificationRepository& store) {
    const std::size_t up_to = pick(rows_.size() + 1);
    const bool all = pick(2) == 0;
    const std::int64_t before = unread();
    for (std::size_t i = 0; i < (all ? rows_.size() : up_to); ++i) rows_[i].read = true;
    const auto marked = store.mark_all_read(
        {user_}, all ? std::optional<std::int64_t>{} : std::optional{static_cast<std::int64_t>(up_to)});
    ASSERT_TRUE(marked);
    EXPECT_EQ(marked->changed, before - unread());
    EXPECT_EQ(marked->unread, unread());
  }

  /// Newest first, as a page has them.
  template <class Shown>
  std::vector<std::int64_t> seqs_where(Shown shown) const {
    std::vector<std::int64_t> seqs;
    for (std::size_t i = rows_.size(); i-- > 0;) {
      if (shown(rows_[i])) seqs.push_back(static_cast<std::int64_t>(i + 1));
    }
    return seqs;
  }

 private:
  Row& any() { return rows_[pick(rows_.size())]; }

  std::string user_;
  std::mt19937 random_;
  std::vector<Row> rows_;
};

TEST_P(SharingSuite, AfterAnySequenceOfOperationsTheCountersEqualARecount) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    ModelInbox model("user-" + std::to_string(seed), seed);
    const std::string& user = model.user();
    for (int step = 0; step < 200; ++step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
      const std::size_t action = model.rows().empty() ? 0 : model.pick(8);
      if (action <= 1) {
        std::vector<NewNotification> batch;
        for (std::size_t i = 0; i <= model.pick(3); ++i) batch.push_back(message({user, "bystander"}));
        model.add(ingest(batch));
      } else if (action <= 4) {
        model.change_one(*store_);
      } else if (action <= 6) {
        model.mark_some(*store_);
      } else {
        model.mark_all_or_up_to(*store_);
      }
      expect_counters(user, model.unread(), static_cast<std::int64_t>(model.rows().size()));
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }

    for (const ModelInbox::Row& own : model.rows()) EXPECT_EQ(row(user, own.id).read_at.has_value(), own.read);
    const auto archived = model.seqs_where([](const auto& own) { return own.archived; });
    PageRequest page;
    page.user = {user};
    page.limit = 1'000;
    page.show = PageRequest::Show::unread;
    EXPECT_EQ(seqs(page), model.seqs_where([](const auto& own) { return !own.archived && !own.read; }));
    page.show = PageRequest::Show::archived;
    EXPECT_EQ(seqs(page), archived);
    page.show = PageRequest::Show::inbox;
    EXPECT_EQ(store_->page(page)->total, static_cast<std::int64_t>(model.rows().size() - archived.size()));
  }
}

}  // namespace
}  // namespace nx::store
