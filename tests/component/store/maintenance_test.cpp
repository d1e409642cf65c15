#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "component/store/maintenance_suite.hpp"
#include "component/store/postgres_maintenance_backend.hpp"
#include "component/temporary_folder.hpp"
#include "crypto/random.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store {
namespace {

using testing::IsEmpty;

TEST_P(MaintenanceSuite, WithoutARetentionNothingOfTheRowsGoes) {
  backend_->age(ingest({"u1"}), 200);
  const MaintenanceReport report = run({});

  EXPECT_TRUE(report.finished);
  EXPECT_FALSE(report.elsewhere);
  EXPECT_EQ(report.live_rows_removed + report.rows_deleted, 0);
  expect_counters("u1", 1, 1);
}

TEST_P(MaintenanceSuite, OldRowsGoAndTheCountersWithThem) {
  const auto old_read = ingest({"u1", "u2"});
  const auto old_unread = ingest({"u1"});
  const auto old_archived = ingest({"u1"});
  const auto young = ingest({"u1"});
  ASSERT_TRUE(store_->change({"u1"}, old_read, {.read = true, .archived = {}}));
  ASSERT_TRUE(store_->change({"u1"}, old_archived, {.read = {}, .archived = true}));
  for (const auto& id : {old_read, old_unread, old_archived}) backend_->age(id, 100);
  expect_counters("u1", 3, 2);

  MaintenancePlan plan;
  plan.retention_days = 30;
  const MaintenanceReport report = run(plan);

  EXPECT_TRUE(report.finished);
  EXPECT_EQ(report.live_rows_removed, 3);
  expect_counters("u1", 1, 1);
  expect_counters("u2", 0, 0);
  EXPECT_EQ(backend_->count("ActivityNotification"), 1);
  EXPECT_EQ(backend_->count("ActivityNotificationRecipient"), 1);
  EXPECT_TRUE(store_->find({"u1"}, young).value());
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_EQ(run(plan).live_rows_removed, 0);
  EXPECT_EQ(store_->unread_count({"u1"})->seq, 4) << "sequences never start again";
}

TEST_P(MaintenanceSuite, RowsBelowAMarkAndReopenedOnesAreCountedRight) {
  const auto marked = ingest({"u1"});
  const auto reopened = ingest({"u1"});
  ASSERT_TRUE(store_->mark_all_read({"u1"}, {}));
  ASSERT_TRUE(store_->change({"u1"}, reopened, {.read = false, .archived = {}}));
  ingest({"u1"});
  backend_->age(marked, 100);
  backend_->age(reopened, 100);
  expect_counters("u1", 3, 2);

  MaintenancePlan plan;
  plan.retention_days = 30;
  EXPECT_EQ(run(plan).live_rows_removed, 2);

  expect_counters("u1", 1, 1);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
}

TEST_P(MaintenanceSuite, ARedeliveredRecordWhoseRowsAreGoneIsNothingToDo) {
  NewNotification item;
  item.activity.source = "a";
  item.activity.type = "t";
  item.activity.title = "x";
  item.recipients = {{"u1"}};
  const auto stored = store_->ingest(std::vector{item});
  ASSERT_TRUE(stored);
  backend_->age(stored->front().notification.id, 100);
  MaintenancePlan plan;
  plan.retention_days = 30;
  plan.key_age = std::chrono::hours{24 * 365};
  run(plan);

  const auto again = store_->ingest(std::vector{item});

  ASSERT_TRUE(again);
  EXPECT_EQ(again->front().outcome, IngestOutcome::known_key);
  EXPECT_THAT(again->front().recipients, IsEmpty());
  expect_counters("u1", 0, 0);
}

TEST_P(MaintenanceSuite, OldKeysArePurgedAndYoungOnesAreNot) {
  for (int i = 0; i < 3; ++i) backend_->age(ingest({"u1"}), 40);
  ingest({"u1"});

  EXPECT_EQ(run({}).keys_purged, 3);
  EXPECT_EQ(backend_->count("ActivityNotificationKey"), 1);
  EXPECT_EQ(run({}).keys_purged, 0);
}

TEST_P(MaintenanceSuite, OldRevocationsArePurgedAndYoungOnesAreNot) {
  for (const char* user : {"u1", "u2", "u3"}) ASSERT_TRUE(store_->revoke({user}, {"admin"}));
  std::this_thread::sleep_for(std::chrono::milliseconds{5});

  EXPECT_EQ(run({}).revocations_purged, 0);
  EXPECT_EQ(store_->revocations({}, 10)->size(), 3U);
  MaintenancePlan plan;
  plan.revocation_age = std::chrono::hours{0};
  EXPECT_EQ(run(plan).revocations_purged, 3);
  EXPECT_TRUE(store_->revocations({}, 10)->empty());
}

TEST_P(MaintenanceSuite, WhoIsToldToStopDoesNotBeginAnotherSlice) {
  backend_->age(ingest({"u1"}), 100);
  MaintenancePlan plan;
  plan.retention_days = 30;
  std::stop_source stop;
  plan.stopping = stop.get_token();
  stop.request_stop();

  const MaintenanceReport report = run(plan);

  EXPECT_FALSE(report.finished);
  EXPECT_FALSE(report.elsewhere);
  EXPECT_EQ(report.partitions_made, 0U);
  EXPECT_EQ(report.keys_purged, 0);
  expect_counters("u1", 1, 1);
}

TEST_P(MaintenanceSuite, WithoutABudgetItSaysThatItIsNotFinished) {
  backend_->age(ingest({"u1"}), 100);
  MaintenancePlan plan;
  plan.retention_days = 30;
  plan.budget = std::chrono::milliseconds{0};

  EXPECT_FALSE(run(plan).finished);
  expect_counters("u1", 1, 1);
  plan.budget = std::chrono::milliseconds{10'000};
  EXPECT_TRUE(run(plan).finished);
  expect_counters("u1", 0, 0);
}

TEST_P(MaintenanceSuite, TheAuditFindsWrongCountersAndTheRecountSetsThemRight) {
  for (int i = 0; i < 5; ++i) ingest({"u1", "u2", "u3"});
  EXPECT_EQ(maintenance_->audit()->users, 3);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_EQ(*maintenance_->recount(), 0);
  backend_->run(R"(UPDATE @"ActivityInbox" SET unread = 4 WHERE user_id = 'u1')");
  backend_->run(R"(UPDATE @"ActivityInbox" SET live = 9, last_seq = 2 WHERE user_id = 'u3')");

  const auto audit = maintenance_->audit();

  ASSERT_TRUE(audit);
  ASSERT_EQ(audit->wrong_users, 2);
  EXPECT_EQ(audit->wrong[0].user.value, "u1");
  EXPECT_EQ(audit->wrong[0].unread, 4);
  EXPECT_EQ(audit->wrong[0].rows_unread, 5);
  EXPECT_EQ(audit->wrong[1].user.value, "u3");
  EXPECT_EQ(audit->wrong[1].rows_last_seq, 5);
  EXPECT_EQ(*maintenance_->recount(), 2);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  expect_counters("u1", 5, 5);
  expect_counters("u3", 5, 5);
  EXPECT_EQ(store_->unread_count({"u3"})->seq, 5);
}

TEST_P(MaintenanceSuite, RetentionRacesWithIngestAndReaders) {
  std::vector<NotificationId> old;
  for (int i = 0; i < 60; ++i) old.push_back(ingest({"u1", "u2", "u3"}));
  for (const auto& id : old) backend_->age(id, 100);
  std::atomic<bool> done{false};
  std::atomic<int> written{0};
  std::string problem;
  std::thread writer([&] {
    auto store = backend_->open_notifications();
    for (int i = 0; !done || i < 40; ++i) {
      NewNotification item;
      item.activity.source = "during/" + std::to_string(i);
      item.activity.type = "t";
      item.activity.title = "x";
      item.recipients = {{"u3"}, {"u1"}, {"u2"}};
      const auto stored = store->ingest(std::vector{item});
      const auto marked = store->mark_all_read({"u2"}, {});
      if (!stored || !marked) problem = stored ? marked.error().message : stored.error().message;
      ++written;
    }
  });
  MaintenancePlan plan;
  plan.retention_days = 30;
  std::int64_t archived = 0;
  for (int i = 0; i < 20; ++i) {
    const MaintenanceReport report = run(plan);
    archived += report.live_rows_removed;
    if (report.finished && i > 2) break;
  }
  done = true;
  writer.join();

  EXPECT_EQ(problem, "");
  EXPECT_EQ(archived, 180);
  expect_counters("u1", written, written);
  expect_counters("u2", written, 0);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_EQ(backend_->count("ActivityNotification"), written);
}

class SqliteMaintenanceBackend final : public MaintenanceBackend {
 public:
  SqliteMaintenanceBackend() {
    options_.path = folder_.file("signal.db");
    EXPECT_TRUE(migrate_sqlite(options_));
  }
  std::unique_ptr<ActivityNotificationRepository> open_notifications() override {
    return std::move(*open_sqlite_notifications(options_));
  }
  std::unique_ptr<Maintenance> open_maintenance() override { return std::move(*open_sqlite_maintenance(options_)); }
  NotificationId age(const NotificationId& id, int days) override {
    const NotificationId aged = id_of_days_ago(days);
    run("UPDATE @\"ActivityNotification\" SET id = " + blob(aged) + " WHERE id = " + blob(id) +
        "; UPDATE @\"ActivityNotificationRecipient\" SET notification_id = " + blob(aged) +
        " WHERE notification_id = " + blob(id) +
        "; UPDATE @\"ActivityNotificationKey\" SET notification_id = " + blob(aged) + ", created_at = created_at - " +
        std::to_string(days * kDayMs) + " WHERE notification_id = " + blob(id));
    return aged;
  }
  void run(const std::string& sql) override { execute(sql, nullptr); }
  std::int64_t count(const std::string& table) override {
    std::int64_t count = 0;
    execute("SELECT count(*) FROM @\"" + table + "\"", &count);
    return count;
  }

 private:
  static std::string blob(const NotificationId& id) {
    std::string hex = uuid_text(id.bytes);
    std::erase(hex, '-');
    return "x'" + hex + "'";
  }
  void execute(std::string sql, std::int64_t* result) {
    std::erase(sql, '@');
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(options_.path.c_str(), &opened), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(opened, sqlite3_close);
    sqlite3_busy_timeout(db.get(), 5'000);
    const auto keep = [](void* target, int, char** values, char**) {
      if (target != nullptr) *static_cast<std::int64_t*>(target) = std::stoll(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db.get(), sql.c_str(), keep, result, nullptr), SQLITE_OK) << sqlite3_errmsg(db.get());
  }

  test::TemporaryFolder folder_;
  SqliteOptions options_;
};

const MaintenanceFactory kPostgres = [] { return std::make_unique<PostgresMaintenanceBackend>(); };
const MaintenanceFactory kSqlite = [] { return std::make_unique<SqliteMaintenanceBackend>(); };
const auto kServer = [](const testing::TestParamInfo<MaintenanceFactory>&) { return std::string{"server"}; };
const auto kFile = [](const testing::TestParamInfo<MaintenanceFactory>&) { return std::string{"file"}; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, MaintenanceSuite, testing::Values(kPostgres), kServer);
INSTANTIATE_TEST_SUITE_P(Sqlite, MaintenanceSuite, testing::Values(kSqlite), kFile);
INSTANTIATE_TEST_SUITE_P(Postgres, LongWorkSuite, testing::Values(kPostgres), kServer);
INSTANTIATE_TEST_SUITE_P(Sqlite, LongWorkSuite, testing::Values(kSqlite), kFile);

}  // namespace nx::store
