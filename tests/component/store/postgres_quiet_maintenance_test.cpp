// Maintenance that nobody feels: while somebody holds every table, as a dump does for hours, months are made and taken
// away, and no reader ever waits for a lock.

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "component/store/postgres_months_fixture.hpp"

namespace nx::store {
namespace {

/// Reads both tables as pages do, over and over. A lock that is not to be had at once is an error here.
class ImpatientReader {
 public:
  explicit ImpatientReader(const std::string& url) : thread_([this, url] { run(url); }) {
    while (rounds_ < 5) std::this_thread::yield();
  }
  ~ImpatientReader() { end(); }
  /// The first error's SQLSTATE; empty when there was none.
  std::string end() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
    return problem_;
  }

 private:
  void run(const std::string& url) {
    PostgresRaw raw(url);
    raw.run("SET lock_timeout = '20ms'");
    raw.run(R"(PREPARE page AS SELECT n.title FROM signal."ActivityNotificationRecipient" r
      JOIN signal."ActivityNotification" n ON n.id = r.notification_id WHERE r.user_no = 1 ORDER BY r.seq DESC LIMIT 10)");
    for (; !done_ && problem_.empty(); ++rounds_) problem_ = raw.sqlstate_of("EXECUTE page");
  }

  std::atomic<bool> done_{false};
  std::atomic<int> rounds_{0};
  std::string problem_;  // the thread's until it has ended
  std::thread thread_;
};

class PostgresQuietMaintenance : public PostgresMonths {
 protected:
  /// As pg_dump does: every table, each partition too, until it ends.
  void begin_dump() {
    dump_.run(R"(BEGIN ISOLATION LEVEL REPEATABLE READ; DO $$ DECLARE t regclass; BEGIN
      FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'signal'::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS SHARE MODE', t); END LOOP; END $$)");
  }
  std::string maintenance_state(const std::string& column) {
    return *backend_.raw().run("SELECT (" + column + R"()::text FROM signal."ActivityUpkeep")");
  }
  std::string months_begun() { return *backend_.raw().run("SELECT count(*) FROM pg_inherits WHERE inhdetachpending"); }

  PostgresRaw dump_{backend_.database().url()};
};

TEST_F(PostgresQuietMaintenance, MonthsAreMadeBesideADump) {
  begin_dump();
  ImpatientReader reader(backend_.database().url());
  MaintenancePlan plan;
  plan.months_ahead = 5;

  const MaintenanceReport report = run(plan);

  EXPECT_EQ(report.partitions_made, 4U);
  EXPECT_FALSE(report.busy);
  EXPECT_TRUE(report.finished);
  EXPECT_EQ(reader.end(), "");
}

TEST_F(PostgresQuietMaintenance, MigrateMakesMonthsBesideADump) {
  backend_.raw().run("DROP TABLE signal.\"ActivityNotification_" + month(2) + '"');
  begin_dump();
  ImpatientReader reader(backend_.database().url());
  const auto migrated = migrate_postgres(backend_.database().options());
  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_NE(migrated->find("1 partitions made"), std::string::npos) << *migrated;
  EXPECT_EQ(reader.end(), "");
}

TEST_F(PostgresQuietMaintenance, AMonthsEndWaitsForADumpAndNobodyWaitsForIt) {
  old_row();
  store_->ingest(std::vector{message("young")});
  MaintenancePlan plan;
  plan.retention_days = 62;
  begin_dump();
  ImpatientReader reader(backend_.database().url());

  const MaintenanceReport begun = run(plan);

  EXPECT_TRUE(begun.busy);
  EXPECT_FALSE(begun.finished);
  EXPECT_EQ(begun.partitions_dropped, 0U);
  EXPECT_EQ(begun.live_rows_removed, 1);
  EXPECT_EQ(months_begun(), "1");
  EXPECT_EQ(store_->page(page_of("u1"))->rows.size(), 1U);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  backend_.end_back_off();
  EXPECT_TRUE(run(plan).busy) << "it is still held";
  EXPECT_EQ(reader.end(), "") << "no page waited, whatever was tried";

  dump_.run("COMMIT");
  backend_.end_back_off();
  const MaintenanceReport ended = run(plan);
  EXPECT_TRUE(ended.finished);
  EXPECT_GT(ended.partitions_dropped, 0U);
  EXPECT_EQ(months_begun(), "0");
  EXPECT_EQ(maintenance_state("busy"), "0");
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
}

TEST_F(PostgresQuietMaintenance, ABusyTableIsLeftAloneByAllForMinutesAndLongerEachTime) {
  old_row();
  MaintenancePlan plan;
  plan.retention_days = 62;
  begin_dump();
  auto another = backend_.open_maintenance();

  const MaintenanceReport first = run(plan);
  const auto of_another = another->run(plan);
  const MaintenanceReport soon = run(plan);

  EXPECT_TRUE(first.busy);
  EXPECT_GT(first.tables_back_off, std::chrono::seconds{30});
  ASSERT_TRUE(of_another) << of_another.error().message;
  EXPECT_FALSE(of_another->busy || soon.busy) << "not tried again";
  EXPECT_FALSE(of_another->finished);
  EXPECT_GT(of_another->tables_back_off, std::chrono::seconds{30});
  EXPECT_EQ(maintenance_state("busy"), "1");
  std::chrono::milliseconds last = first.tables_back_off;
  for (int i = 0; i < 2; ++i) {
    backend_.end_back_off();
    const MaintenanceReport next = run(plan);
    EXPECT_TRUE(next.busy);
    EXPECT_GT(next.tables_back_off, last * 3 / 2);
    last = next.tables_back_off;
  }
  for (int i = 0; i < 10; ++i) backend_.run(R"(UPDATE @"ActivityUpkeep" SET busy = busy + 1, not_before = now())");
  EXPECT_LE(run(plan).tables_back_off, std::chrono::hours{1});
}

TEST_F(PostgresQuietMaintenance, ARowTakenBackFromTheArchiveAtTheLastMomentGoesWithItsMonth) {
  const std::string oldest = month(-8);
  old_row(225 + std::stoi(*backend_.raw().run("SELECT extract(day FROM now() AT TIME ZONE 'UTC')::int")));
  const std::string row = "UPDATE signal.\"ActivityNotificationRecipient_" + oldest + "\" SET archived_at = ";
  backend_.raw().run(row + R"(now(); UPDATE signal."ActivityInbox" SET live = 0, unread = 0)");
  MaintenancePlan plan;
  plan.retention_days = 62;
  begin_dump();
  const MaintenanceReport begun = run(plan);
  EXPECT_TRUE(begun.busy);
  EXPECT_EQ(begun.live_rows_removed, 0);
  // What a change does that is in progress while the table is detached.
  backend_.raw().run(row + R"(NULL; UPDATE signal."ActivityInbox" SET live = 1, unread = 1)");
  dump_.run("COMMIT");
  backend_.end_back_off();

  const MaintenanceReport report = run(plan);

  EXPECT_EQ(report.live_rows_removed, 1);
  EXPECT_EQ(store_->page(page_of("u1"))->total, 0);
  EXPECT_EQ(store_->unread_count({"u1"})->count, 0);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
}

TEST_F(PostgresQuietMaintenance, NobodyElsesTableIsDropped) {
  const std::string oldest = month(-8);
  backend_.raw().run("ALTER TABLE signal.\"ActivityNotification\" DETACH PARTITION signal.\"ActivityNotification_" +
                     oldest + '"');
  MaintenancePlan plan;
  plan.retention_days = 62;
  EXPECT_GT(run(plan).partitions_dropped, 0U);
  EXPECT_EQ(run(plan).partitions_dropped, 0U);
  EXPECT_EQ(backend_.count("ActivityNotification_" + oldest), 0) << "an operator's archive is there";
}

TEST_F(PostgresQuietMaintenance, BesideADefaultPartitionReadersWaitForAMomentAtMost) {
  backend_.attach_default();
  begin_dump();
  MaintenancePlan plan;
  plan.months_ahead = 4;
  const MaintenanceReport report = run(plan);
  EXPECT_TRUE(report.busy) << "the attach wants the default partition";
  EXPECT_EQ(report.partitions_made, 0U);
  EXPECT_EQ(maintenance_state("busy"), "1") << "one try, and then minutes of back-off";
  PostgresRaw reader(backend_.database().url());
  EXPECT_EQ(reader.sqlstate_of(R"(SET lock_timeout = '1ms'; SELECT count(*) FROM signal."ActivityNotification")"), "");
}

}  // namespace
}  // namespace nx::store
