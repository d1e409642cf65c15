// Messages to very many on both databases: whatever comes between, each recipient has one row, and hints come at least
// once.

#include "delivery/broadcast_stints.hpp"

#include <filesystem>
#include <map>
#include <stdlib.h>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "component/store/postgres_fixture.hpp"
#include "delivery/broadcast_worker.hpp"
#include "store/sqlite_store.hpp"

namespace nx::delivery {
namespace {

using namespace std::chrono_literals;
using store::PolicyRow;
using testing::ElementsAre;
using testing::IsEmpty;

const observe::Logger kQuiet{{.level = observe::Level::error}};

/// A database with a policy table of its own.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual store::Repositories open() = 0;
  virtual void add(const std::vector<PolicyRow>& rows) = 0;
  virtual void remove(const std::string& user) = 0;
  virtual void end_leases() = 0;
};

class PostgresBackend final : public Backend {
 public:
  explicit PostgresBackend(bool indexed) {
    EXPECT_TRUE(store::migrate_postgres(database_.options()));
    raw_.run(R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text NOT NULL,
      subject_type text NOT NULL, subject_id text NOT NULL, target_type text NOT NULL, target_id text NOT NULL))");
    if (!indexed) return;
    raw_.run(R"(CREATE INDEX ON identity."PolicyDefinition" (variant, target_type, target_id, subject_id))");
  }
  store::Repositories open() override {
    auto opened = store::open_postgres_repositories(database_.options());
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : store::Repositories{};
  }
  void add(const std::vector<PolicyRow>& rows) override {
    std::string values;
    for (const PolicyRow& row : rows) {
      values += std::string(values.empty() ? "('" : ", ('") + row.variant + "','" + row.subject_type + "','" +
                row.subject_id + "','" + row.target_type + "','" + row.target_id + "')";
    }
    raw_.run(R"(INSERT INTO identity."PolicyDefinition" VALUES )" + values);
  }
  void remove(const std::string& user) override {
    raw_.run(R"(DELETE FROM identity."PolicyDefinition" WHERE subject_id = ')" + user + "'");
  }
  void end_leases() override { raw_.run(R"(UPDATE signal."ActivityBroadcast" SET lease_until = turn_at)"); }
  store::PostgresRaw& raw() { return raw_; }

 private:
  store::PostgresDatabase database_;
  store::PostgresRaw raw_{database_.url()};
};

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-broadcasts-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_.path = (folder_ / "signal.db").string();
    EXPECT_TRUE(store::migrate_sqlite(options_));
    EXPECT_TRUE(store::replace_sqlite_policies(options_, {}));
  }
  ~SqliteBackend() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  store::Repositories open() override {
    auto opened = store::open_sqlite_repositories(options_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : store::Repositories{};
  }
  void add(const std::vector<PolicyRow>& rows) override {
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    EXPECT_TRUE(store::replace_sqlite_policies(options_, rows_));
  }
  void remove(const std::string& user) override {
    std::erase_if(rows_, [&user](const PolicyRow& row) { return row.subject_id == user; });
    EXPECT_TRUE(store::replace_sqlite_policies(options_, rows_));
  }
  void end_leases() override {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, R"(UPDATE "ActivityBroadcast" SET lease_until = turn_at)", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
  }

 private:
  std::filesystem::path folder_;
  store::SqliteOptions options_;
  std::vector<PolicyRow> rows_;
};

/// The link breaks in the commit of one slice: it is made, and nobody learns of it.
class BreaksInCommit final : public store::BroadcastRepository {
 public:
  explicit BreaksInCommit(std::unique_ptr<store::BroadcastRepository> real) : real_(std::move(real)) {}

  Result<store::StoredSlice> store(const std::string& worker, const NotificationId& id,
                                   const store::BroadcastSlice& slice) override {
    auto stored = real_->store(worker, id, slice);
    if (++slices_ == 2) return fail(ErrorKind::unavailable, "the link broke");
    return stored;
  }
  Result<std::optional<store::Broadcast>> take(const std::string& worker) override { return real_->take(worker); }
  Result<std::vector<store::Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) override {
    return real_->delivered(id, users);
  }
  Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                       std::chrono::milliseconds) override {
    return real_->release(worker, id, confirmed, 0ms);
  }
  Result<bool> finish(const std::string& worker, const NotificationId& id) override {
    return real_->finish(worker, id);
  }
  Result<store::OpenBroadcasts> open(std::size_t limit) override { return real_->open(limit); }
  Result<std::optional<store::BroadcastPosition>> position(const NotificationId& id, const UserId& user) override {
    return real_->position(id, user);
  }

 private:
  std::unique_ptr<store::BroadcastRepository> real_;
  int slices_ = 0;
};

using MakeBackend = std::unique_ptr<Backend> (*)();

class Stints : public testing::TestWithParam<MakeBackend> {
 protected:
  /// As a process of its own.
  std::unique_ptr<BroadcastStints> worker(const std::string& name) { return worker(name, backend_->open()); }
  std::unique_ptr<BroadcastStints> worker(const std::string& name, store::Repositories repositories) {
    return std::make_unique<BroadcastStints>(
        name, std::move(repositories),
        [this](const fanout::Payload&, const std::vector<fanout::HintRecipient>& to, EpochMs recorded) {
          for (const auto& one : to) ++hints_[one.user.value];
          recorded_ = recorded;
          return Pushed{.here = to.size(), .bus = 0};
        },
        options_, kQuiet);
  }

  static std::string name(int i) { return "u" + std::to_string(1'000 + i); }

  std::vector<std::string> join(int count, const std::string& type, const std::string& id) {
    std::vector<PolicyRow> rows;
    std::vector<std::string> users;
    for (int i = 0; i < count; ++i) {
      users.push_back(name(i));
      rows.push_back({i % 2 == 0 ? "group" : "join_domain", "User", name(i), type, id});
    }
    backend_->add(rows);
    return users;
  }

  NotificationId post(Activity activity, std::vector<UserId> listed = {}) {
    activity.source = "t/0/" + std::to_string(offset_++) + "/1";
    activity.type = "t";
    activity.title = "x";
    activity.record_time = now_wall();
    const auto stored =
        rows_.notifications->ingest(std::vector<store::NewNotification>{{activity, std::move(listed), true}});
    EXPECT_TRUE(stored) << stored.error().message;
    return stored->front().notification.id;
  }
  NotificationId post_to_organizer(const std::string& id, std::vector<UserId> excluded = {}) {
    Activity activity;
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = id;
    activity.excluded = std::move(excluded);
    return post(activity);
  }

  static void work(BroadcastStints& stints) {
    for (std::chrono::milliseconds idle{}; idle == 0ms;) {
      const auto pause = stints.run({});
      ASSERT_TRUE(pause) << pause.error().message;
      idle = *pause;
    }
  }

  /// Each of them has that many rows, by the counters and by a recount.
  void expect_rows(const std::vector<std::string>& users, std::int64_t rows) {
    for (const std::string& user : users) {
      EXPECT_EQ(rows_.notifications->recount({user})->count, rows) << user;
      EXPECT_EQ(rows_.notifications->unread_count({user})->count, rows) << user;
    }
  }
  void expect_hints(const std::vector<std::string>& users, int hints) {
    for (const std::string& user : users) EXPECT_EQ(hints_[user], hints) << user;
  }

  std::unique_ptr<Backend> backend_ = GetParam()();
  store::Repositories rows_ = backend_->open();
  BroadcastOptions options_{.slice = 10, .runs = {.in_order = 25, .unordered = 25}};
  std::map<std::string, int> hints_;
  EpochMs recorded_;
  int offset_ = 0;
};

TEST_P(Stints, EachMemberHasOneRowAndHearsOfItOnce) {
  const auto users = join(60, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  work(*stints);

  expect_rows(users, 1);
  expect_hints(users, 1);
  EXPECT_EQ(hints_.size(), users.size());
  EXPECT_GT(recorded_.value, 0);
  EXPECT_EQ(stints->stats().recipients.value(), 60U);
  EXPECT_GE(stints->stats().slices.value(), 6U);
  EXPECT_EQ(stints->stats().finished.value(), 1U);
  EXPECT_EQ(stints->open(20)->count, 0);
}

TEST_P(Stints, TheExcludedAndIdsThatCanHaveNoInboxAreLeftOut) {
  const auto users = join(12, "Organizer", "o1");
  backend_->add({{"group", "User", std::string(129, 'x'), "Organizer", "o1"}});
  post_to_organizer("o1", {{users[0]}, {users[11]}});
  const auto stints = worker("w1");

  work(*stints);

  expect_rows({users[0], users[11]}, 0);
  expect_rows({users.begin() + 1, users.end() - 1}, 1);
  EXPECT_EQ(stints->stats().left_out.value(), 1U);
}

TEST_P(Stints, AListOfUsersIsDoneFromWhatWasKept) {
  std::vector<std::string> users;
  std::vector<UserId> listed;
  for (int i = 0; i < 33; ++i) {
    users.push_back(name(i));
    listed.push_back({name(i)});
  }
  post({}, listed);

  work(*worker("w1"));

  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(Stints, MembersByManyDomainsAndVariantsGetItOnce) {
  const auto users = join(30, "Merchant", "m1");
  join(40, "Organizer", "o1");
  join(20, "Merchant", "m1");
  backend_->add({{"domain_inherits", "Merchant", "m1", "Organizer", "o1"},
                 {"domain_inherits", "Organizer", "o1", "Merchant", "m1"}});
  Activity activity;
  activity.scope = RecipientScope::merchant;
  activity.merchant_id = "m1";
  post(activity);

  work(*worker("w1"));

  expect_rows(users, 1);
  expect_rows({name(35), name(39)}, 1);
  EXPECT_EQ(hints_.size(), 40U);
}

TEST_P(Stints, TwoMessagesAlternateSliceBySlice) {
  options_.stint = options_.long_stint = 0ms;
  const auto users = join(20, "Organizer", "o1");
  post_to_organizer("o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(stints->run({}));
    std::this_thread::sleep_for(2ms);
  }
  expect_rows({users.begin(), users.begin() + 10}, 2);
  expect_rows({users.begin() + 10, users.end()}, 0);
  work(*stints);
  expect_rows(users, 2);
}

/// Killed after the commit of a slice and before its hints; then the next one likewise; then one that finishes.
TEST_P(Stints, WhateverIsKilledNobodyHasTwoRowsAndEveryoneHearsOfIt) {
  const auto users = join(50, "Organizer", "o1");
  const NotificationId id = post_to_organizer("o1", {{users[3]}});
  auto killed = backend_->open();
  std::optional<std::string> from;
  for (const auto& [first, last] : {std::pair{0, 10}, std::pair{10, 20}}) {
    const std::string worker = "killed " + std::to_string(first);
    ASSERT_TRUE(*killed.broadcasts->take(worker));
    store::BroadcastSlice slice{.from = from, .through = users[static_cast<std::size_t>(last - 1)], .recipients = {}};
    for (int i = first; i < last; ++i) {
      if (i != 3) slice.recipients.push_back({users[static_cast<std::size_t>(i)]});
    }
    ASSERT_EQ(killed.broadcasts->store(worker, id, slice)->outcome, store::StoredSlice::Outcome::stored);
    from = slice.through;
    if (first == 0) hints_[users[0]] = 1;  // as far as it came
    backend_->end_leases();
  }
  const auto stints = worker("w3");

  work(*stints);

  EXPECT_EQ(stints->stats().taken_over.value(), 1U);
  expect_rows({users[3]}, 0);
  EXPECT_EQ(hints_[users[3]], 0);
  std::vector<std::string> got(users);
  got.erase(got.begin() + 3);
  expect_rows(got, 1);
  expect_hints({users.begin() + 10, users.end()}, 1);
}

TEST_P(Stints, HintsOfASliceWhoseCommitWasNotHeardOfArePushed) {
  const auto users = join(40, "Organizer", "o1");
  post_to_organizer("o1");
  store::Repositories repositories = backend_->open();
  repositories.broadcasts = std::make_unique<BreaksInCommit>(std::move(repositories.broadcasts));
  const auto stints = worker("w1", std::move(repositories));

  work(*stints);

  EXPECT_EQ(stints->stats().failures.value(), 1U);
  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(Stints, WhoJoinsBehindItsPositionGetsItAndWhoLeftThereDoesNot) {
  options_.stint = options_.long_stint = 0ms;
  options_.runs = {.in_order = 10, .unordered = 10};
  const auto users = join(30, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");
  ASSERT_TRUE(stints->run({}));

  backend_->remove(users[5]);
  backend_->remove(users[25]);
  backend_->add({{"group", "User", "u0999", "Organizer", "o1"}, {"group", "User", "u9999", "Organizer", "o1"}});
  work(*stints);

  expect_rows({users[5], users[24], "u9999"}, 1);
  expect_rows({users[25], "u0999"}, 0);
}

TEST_P(Stints, WhoIsAskedToStopLeavesTheRestToOthers) {
  const auto users = join(30, "Organizer", "o1");
  post_to_organizer("o1");
  std::stop_source stop;
  stop.request_stop();
  const auto first = worker("w1");

  ASSERT_TRUE(first->run(stop.get_token()));
  EXPECT_EQ(first->stats().slices.value(), 1U);
  work(*worker("w2"));

  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(Stints, TooOldARecordIsNotPushed) {
  options_.hint_max_age = 0ms;
  const auto users = join(12, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  work(*stints);

  expect_rows(users, 1);
  EXPECT_THAT(hints_, IsEmpty());
  EXPECT_EQ(stints->stats().hints_too_old.value(), 12U);
}

TEST_P(Stints, TheThreadIsWokenAndStops) {
  const auto users = join(15, "Organizer", "o1");
  options_.look_every = 1h;
  std::atomic<int> hinted{0};
  BroadcastWorker thread(
      "w1", backend_->open(),
      [&hinted](const fanout::Payload&, const std::vector<fanout::HintRecipient>& to, EpochMs) {
        hinted += static_cast<int>(to.size());
        return Pushed{};
      },
      options_, kQuiet);
  thread.start();
  std::this_thread::sleep_for(50ms);
  post_to_organizer("o1");
  thread.wake();
  for (int i = 0; i < 1'000 && hinted < 15; ++i) std::this_thread::sleep_for(20ms);
  thread.stop();

  EXPECT_EQ(hinted, 15);
  expect_rows(users, 1);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, Stints, testing::Values([] { return std::unique_ptr<Backend>(new SqliteBackend); }));
INSTANTIATE_TEST_SUITE_P(Postgres, Stints,
                         testing::Values([] { return std::unique_ptr<Backend>(new PostgresBackend(false)); },
                                         [] { return std::unique_ptr<Backend>(new PostgresBackend(true)); }));

/// What one message can not have stored is no reason for others to wait.
TEST(PostgresStints, OneThatFailsRestsAndOthersGoOn) {
  PostgresBackend backend(true);
  backend.add({{"group", "User", "broken", "Organizer", "o1"}, {"group", "User", "fine", "Organizer", "o2"}});
  auto rows = backend.open();
  backend.raw().run(R"(ALTER TABLE signal."ActivityInbox" ADD CHECK (user_id <> 'broken'))");
  for (const char* organizer : {"o1", "o2"}) {
    Activity activity;
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = organizer;
    activity.source = std::string("t/0/") + organizer + "/1";
    ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{activity, {}, true}}));
    std::this_thread::sleep_for(2ms);
  }
  BroadcastStints stints(
      "w1", backend.open(),
      [](const fanout::Payload&, const std::vector<fanout::HintRecipient>&, EpochMs) { return Pushed{}; }, {}, kQuiet);

  EXPECT_EQ(*stints.run({}), 0ms);
  EXPECT_EQ(stints.stats().failures.value(), 1U);
  EXPECT_EQ(*stints.run({}), 0ms);

  EXPECT_EQ(rows.notifications->recount({"fine"})->count, 1);
  EXPECT_EQ(stints.open(20)->count, 1);
}

/// One contended inbox is met by halving, and its neighbours do not wait for it.
TEST(PostgresStints, ALockedInboxHoldsUpThoseBehindItAlone) {
  PostgresBackend backend(true);
  std::vector<PolicyRow> members;
  for (int i = 100; i < 200; ++i) members.push_back({"group", "User", "u" + std::to_string(i), "Organizer", "o1"});
  backend.add(members);
  auto rows = backend.open();
  Activity activity;
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";
  activity.source = "t/0/1/1";
  Activity first;
  first.source = "t/0/0/1";
  ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{first, {{"u150"}}, false}}));
  ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{activity, {}, true}}));
  backend.raw().run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id = 'u150' FOR UPDATE)");
  BroadcastStints stints(
      "w1", backend.open(),
      [](const fanout::Payload&, const std::vector<fanout::HintRecipient>&, EpochMs) { return Pushed{}; }, {}, kQuiet);

  // Until it stands before the locked one, and has tried that with half as many again and again.
  while (rows.notifications->unread_count({"u149"})->count == 0 || stints.stats().waits.value() < 5) {
    const auto pause = stints.run({});
    ASSERT_TRUE(pause) << pause.error().message;
    std::this_thread::sleep_for(*pause);
  }
  EXPECT_EQ(rows.notifications->unread_count({"u151"})->count, 0);
  backend.raw().run("COMMIT");
  while (rows.notifications->unread_count({"u199"})->count == 0) {
    const auto pause = stints.run({});
    ASSERT_TRUE(pause) << pause.error().message;
    std::this_thread::sleep_for(*pause);
  }

  EXPECT_EQ(rows.notifications->recount({"u150"})->count, 2);
  for (const char* user : {"u100", "u151", "u199"}) EXPECT_EQ(rows.notifications->recount({user})->count, 1) << user;
}

}  // namespace
}  // namespace nx::delivery
