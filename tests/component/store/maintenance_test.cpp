#include <atomic>
#include <filesystem>
#include <stdlib.h>
#include <thread>

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "component/store/maintenance_suite.hpp"
#include "component/store/postgres_fixture.hpp"
#include "crypto/random.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store {
namespace {

using testing::IsEmpty;

constexpr std::int64_t kDayMs = 86'400'000;

NotificationId id_of_days_ago(int days) {
  return crypto::uuid_v7(EpochMs{now_wall().value - days * kDayMs});
}

TEST_P(MaintenanceSuite, WithoutARetentionNothingOfTheRowsGoes) {
  backend_->age(ingest({"u1"}), 200);
  const MaintenanceReport report = run({});

  EXPECT_TRUE(report.finished);
  EXPECT_FALSE(report.elsewhere);
  EXPECT_EQ(report.rows_archived + report.rows_deleted, 0);
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
  EXPECT_EQ(report.rows_archived, 3);
  expect_counters("u1", 1, 1);
  expect_counters("u2", 0, 0);
  EXPECT_EQ(backend_->count("ActivityNotification"), 1);
  EXPECT_EQ(backend_->count("ActivityNotificationRecipient"), 1);
  EXPECT_TRUE(store_->find({"u1"}, young).value());
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_EQ(run(plan).rows_archived, 0);
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
  EXPECT_EQ(run(plan).rows_archived, 2);

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
    archived += report.rows_archived;
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

class PostgresMaintenanceBackend final : public MaintenanceBackend {
 public:
  PostgresMaintenanceBackend() {
    const auto migrated = migrate_postgres(database_.options());
    EXPECT_TRUE(migrated) << migrated.error().message;
    // Partitions for what is made old below.
    for (int months = 2; months <= 8; ++months) add_partition(months);
  }
  std::unique_ptr<ActivityNotificationRepository> open_notifications() override {
    return std::move(*open_postgres_notifications(database_.options()));
  }
  std::unique_ptr<Maintenance> open_maintenance() override {
    return std::move(*open_postgres_maintenance(database_.options()));
  }
  NotificationId age(const NotificationId& id, int days) override {
    const NotificationId aged = id_of_days_ago(days);
    const std::string from = "'" + uuid_text(id.bytes) + "'";
    const std::string to = "'" + uuid_text(aged.bytes) + "'";
    run(R"(UPDATE @"ActivityNotification" SET id = )" + to + " WHERE id = " + from + R"(;
           UPDATE @"ActivityNotificationRecipient" SET notification_id = )" +
        to + " WHERE notification_id = " + from + R"(;
           UPDATE @"ActivityNotificationKey" SET notification_id = )" +
        to + ", created_at = created_at - interval '" + std::to_string(days) +
        " days' WHERE notification_id = " + from);
    return aged;
  }
  void run(const std::string& sql) override { raw_.run(in_schema(sql)); }
  std::int64_t count(const std::string& table) override {
    return std::stoll(*raw_.run(in_schema("SELECT count(*) FROM @\"" + table + "\"")));
  }
  PostgresRaw& raw() { return raw_; }
  const PostgresDatabase& database() const { return database_; }

 private:
  static std::string in_schema(std::string sql) {
    for (std::size_t at = 0; (at = sql.find('@', at)) != std::string::npos;) sql.replace(at, 1, "signal.");
    return sql;
  }
  void add_partition(int months_ago) {
    raw_.run(R"(DO $$ DECLARE first date := date_trunc('month', now() AT TIME ZONE 'UTC') - interval ')" +
             std::to_string(months_ago) +
             R"( months'; low text; high text; parent text; BEGIN
      low := lpad(to_hex((extract(epoch FROM first AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20);
      high := lpad(to_hex((extract(epoch FROM (first + interval '1 month') AT TIME ZONE 'UTC') * 1000)::bigint), 12, '0') || repeat('0', 20);
      FOREACH parent IN ARRAY ARRAY['ActivityNotification', 'ActivityNotificationRecipient'] LOOP
        EXECUTE format('CREATE TABLE signal.%I PARTITION OF signal.%I FOR VALUES FROM (%L) TO (%L)',
          parent || to_char(first, '_YYYY_MM'), parent, low::uuid, high::uuid);
      END LOOP; END $$)");
  }

  PostgresDatabase database_;
  PostgresRaw raw_{database_.url()};
};

class SqliteMaintenanceBackend final : public MaintenanceBackend {
 public:
  SqliteMaintenanceBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-upkeep-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_.path = (folder_ / "signal.db").string();
    EXPECT_TRUE(migrate_sqlite(options_));
  }
  ~SqliteMaintenanceBackend() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
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

  std::filesystem::path folder_;
  SqliteOptions options_;
};

const MaintenanceFactory kPostgres = [] { return std::make_unique<PostgresMaintenanceBackend>(); };
const MaintenanceFactory kSqlite = [] { return std::make_unique<SqliteMaintenanceBackend>(); };
const auto kServer = [](const testing::TestParamInfo<MaintenanceFactory>&) { return std::string{"server"}; };
const auto kFile = [](const testing::TestParamInfo<MaintenanceFactory>&) { return std::string{"file"}; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, MaintenanceSuite, testing::Values(kPostgres), kServer);
INSTANTIATE_TEST_SUITE_P(Sqlite, MaintenanceSuite, testing::Values(kSqlite), kFile);

namespace {

class PostgresPartitions : public testing::Test {
 protected:
  std::int64_t partitions() {
    return std::stoll(*backend_.raw().run(
        "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('signal.\"ActivityNotification\"'::regclass, "
        "'signal.\"ActivityNotificationRecipient\"'::regclass)"));
  }
  NotificationId old_row(int days = 100) {
    NewNotification item;
    item.activity.source = "old";
    item.activity.type = "t";
    item.activity.title = "x";
    item.recipients = {{"u1"}};
    return backend_.age(store_->ingest(std::vector{item})->front().notification.id, days);
  }

  static PageRequest page_of(const std::string& user) {
    PageRequest page;
    page.user = {user};
    return page;
  }

  PostgresMaintenanceBackend backend_;
  std::unique_ptr<ActivityNotificationRepository> store_ = backend_.open_notifications();
  std::unique_ptr<Maintenance> maintenance_ = backend_.open_maintenance();
};

TEST_F(PostgresPartitions, AreMadeAheadOnce) {
  const std::int64_t before = partitions();
  MaintenancePlan plan;
  plan.months_ahead = 5;
  EXPECT_EQ(maintenance_->run(plan)->partitions_made, 4U) << "of two tables, for the two months that migrate left out";
  EXPECT_EQ(partitions(), before + 4);
  EXPECT_EQ(maintenance_->run(plan)->partitions_made, 0U);
  EXPECT_EQ(maintenance_->run(plan)->rows_in_default, 0);
}

TEST_F(PostgresPartitions, AreDroppedWithTheirRows) {
  old_row();
  const std::int64_t before = partitions();
  MaintenancePlan plan;
  plan.retention_days = 62;
  const auto report = maintenance_->run(plan);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(report->partitions_dropped, 0U);
  EXPECT_EQ(partitions(), before - static_cast<std::int64_t>(report->partitions_dropped));
  EXPECT_EQ(backend_.raw().run(
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ActivityNotification%_20%'"),
            std::to_string(partitions() - 2))
      << "none is left detached";
}

TEST_F(PostgresPartitions, AClockThatIsAheadDropsAndPurgesNothing) {
  old_row(10);
  MaintenancePlan plan;
  plan.retention_days = 200;
  ASSERT_TRUE(maintenance_->run(plan)) << "what is really old is gone";
  const std::int64_t before = partitions();
  const std::int64_t keys = backend_.count("ActivityNotificationKey");
  plan.clock = [] { return EpochMs{now_wall().value + 400 * kDayMs}; };
  const auto report = maintenance_->run(plan);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->partitions_dropped, 0U);
  EXPECT_EQ(report->rows_archived, 0);
  EXPECT_EQ(report->keys_purged, 0);
  EXPECT_EQ(partitions(), before);
  EXPECT_EQ(backend_.count("ActivityNotificationKey"), keys);
  ASSERT_TRUE(report->database_time);
  EXPECT_LT(report->database_time->value, now_wall().value + kDayMs);
}

TEST_F(PostgresPartitions, RowsOfAMissingMonthAreCountedAndLeftAlone) {
  MaintenancePlan plan;
  backend_.raw().run(
      R"(INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
    VALUES ('ffff0000-0000-7000-8000-000000000000', 't', 'x', 'users', now(), now()))");
  const auto report = maintenance_->run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->rows_in_default, 1);
  // A month whose rows fell into the default partition can not have one of its own any more: the others can.
  plan.months_ahead = 4;
  backend_.raw().run(
      R"(INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
    SELECT (lpad(to_hex((extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC') + interval '4 months 1 day') * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid,
      't', 'x', 'users', now(), now())");
  const auto later = maintenance_->run(plan);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->rows_in_default, 2);
  EXPECT_EQ(later->partitions_made, 1U) << "that of the recipients";
}

TEST_F(PostgresPartitions, APartThatCanNotBeDoneHidesNeitherTheOthersNorTheAlert) {
  backend_.raw().run(
      R"(INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
    VALUES ('ffff0000-0000-7000-8000-000000000000', 't', 'x', 'users', now(), now()))");
  backend_.raw().run(
      R"(INSERT INTO signal."ActivityNotificationKey" VALUES (decode(repeat('6b', 16), 'hex'), gen_random_uuid(), 's', now() - interval '90 days'))");
  // Somebody else's table has the name of a month's partition.
  const std::string next =
      backend_.raw().run("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '4 months', 'YYYY_MM')").value();
  backend_.raw().run("CREATE TABLE signal.\"ActivityNotification_" + next + "\" (x int)");
  MaintenancePlan plan;
  plan.months_ahead = 4;

  const auto report = maintenance_->run(plan);

  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->failed);
  EXPECT_NE(report->failed->message.find("ActivityNotification_" + next), std::string::npos) << report->failed->message;
  EXPECT_EQ(report->rows_in_default, 1);
  EXPECT_EQ(report->keys_purged, 1);
}

TEST_F(PostgresPartitions, MigrateLeavesOutAMonthWhoseRowsLieInTheDefaultPartition) {
  const std::string now = backend_.raw().run("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')").value();
  backend_.raw().run("DROP TABLE signal.\"ActivityNotification_" + now + '"');
  backend_.raw().run(
      R"(INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid,
      't', 'x', 'users', now(), now())");

  const auto migrated = migrate_postgres(backend_.database().options());

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_NE(migrated->find("lie in the default partition: ActivityNotification_" + now), std::string::npos)
      << *migrated;
}

TEST_F(PostgresPartitions, ATableThatIsBusyIsDroppedAtTheNextRun) {
  old_row();
  MaintenancePlan plan;
  plan.retention_days = 62;
  PostgresRaw reader(backend_.database().url());
  reader.run(R"(BEGIN; SELECT count(*) FROM signal."ActivityNotificationRecipient")");

  const auto busy = maintenance_->run(plan);

  ASSERT_TRUE(busy) << busy.error().message;
  EXPECT_FALSE(busy->finished);
  EXPECT_EQ(busy->partitions_dropped, 0U);
  EXPECT_EQ(busy->rows_archived, 1);
  reader.run("COMMIT");
  EXPECT_GT(maintenance_->run(plan)->partitions_dropped, 0U);
}

TEST_F(PostgresPartitions, ARowTakenBackFromTheArchiveKeepsItsPartition) {
  old_row(225 +
          std::stoi(*backend_.raw().run("SELECT extract(day FROM now() AT TIME ZONE 'UTC')::int")));  // in the oldest
  PostgresRaw owner(backend_.database().url());
  owner.run(R"(BEGIN; LOCK TABLE signal."ActivityNotificationRecipient" IN ROW EXCLUSIVE MODE)");
  MaintenancePlan plan;
  plan.retention_days = 62;
  Result<MaintenanceReport> report;
  std::thread upkeep([&] { report = maintenance_->run(plan); });
  // It has archived the row and waits for the table: the owner takes the row back.
  bool waits = false;
  for (int i = 0; i < 2'000 && !waits; ++i) {
    waits = backend_.raw()
                .run(
                    "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = "
                    "current_database() AND NOT l.granted AND l.mode = 'AccessExclusiveLock'")
                .has_value();
    if (!waits) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  EXPECT_TRUE(waits);
  owner.run(R"(UPDATE signal."ActivityNotificationRecipient" SET archived_at = NULL;
    UPDATE signal."ActivityInbox" SET live = 1, unread = 1; COMMIT)");
  upkeep.join();

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->finished);
  EXPECT_EQ(report->rows_archived, 1);
  EXPECT_EQ(store_->page(page_of("u1"))->entries.size(), 1U);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_TRUE(maintenance_->run(plan)->finished);
  EXPECT_EQ(store_->page(page_of("u1"))->total, 0);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
}

TEST_F(PostgresPartitions, OneInstanceAtATime) {
  PostgresRaw other(backend_.database().url());
  other.run("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('nx-signal maintenance signal', 0))");
  const auto report = maintenance_->run({});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->elsewhere);
  EXPECT_FALSE(report->finished);
  other.run("COMMIT");
  EXPECT_FALSE(maintenance_->run({})->elsewhere);
}

}  // namespace
}  // namespace nx::store
