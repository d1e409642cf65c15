// PostgreSQL's months: made ahead, ended by retention, one instance at a time.

#include <gtest/gtest.h>

#include "component/store/postgres_months_fixture.hpp"
#include "model/uuid.hpp"

namespace nx::store {
namespace {

TEST_F(PostgresMonths, AreMadeAheadOnce) {
  const std::int64_t before = partitions();
  MaintenancePlan plan;
  plan.months_ahead = 5;
  EXPECT_EQ(maintenance_->run(plan)->partitions_made, 4U) << "of two tables, for the two months that migrate left out";
  EXPECT_EQ(partitions(), before + 4);
  EXPECT_EQ(maintenance_->run(plan)->partitions_made, 0U);
  EXPECT_EQ(maintenance_->run(plan)->rows_in_default, 0);
}

TEST_F(PostgresMonths, AreDroppedWithTheirRows) {
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
            std::to_string(partitions()))
      << "none is left detached";
}

TEST_F(PostgresMonths, AMonthOfManySlicesLeavesTheCountersRight) {
  const NotificationId first = old_row();
  store_->ingest(std::vector{message("young")});
  // In the month of that row: 3,000 more rows of its user, every second one read, and two of each of 1,500 others.
  backend_.raw().run(R"(DO $$ DECLARE head text := left(')" + uuid_text(first.bytes) + R"(', 14); BEGIN
    INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) SELECT 'other-' || n, 2, 2, 2 FROM generate_series(1, 1500) n;
    INSERT INTO signal."ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, reopened)
      SELECT user_no, n, (head || '7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, NULL, false
        FROM signal."ActivityInbox", generate_series(1, 2) n WHERE user_id LIKE 'other-%';
    INSERT INTO signal."ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, reopened)
      SELECT user_no, n + 2, (head || '7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE n % 2 WHEN 0 THEN now() END, false
        FROM signal."ActivityInbox", generate_series(1, 3000) n WHERE user_id = 'u1';
    UPDATE signal."ActivityInbox" SET last_seq = last_seq + 3000, live = live + 3000, unread = unread + 1500 WHERE user_id = 'u1';
    END $$)");
  ASSERT_EQ(maintenance_->audit()->wrong_users, 0);
  MaintenancePlan plan;
  plan.retention_days = 62;

  const MaintenanceReport report = run(plan);

  EXPECT_EQ(report.live_rows_removed, 1 + 3'000 + 2 * 1'500);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
  EXPECT_EQ(store_->unread_count({"u1"})->count, 1);
  EXPECT_EQ(store_->page(page_of("u1"))->total, 1);
  EXPECT_EQ(store_->page(page_of("other-7"))->total, 0);
}

TEST_F(PostgresMonths, AClockThatIsAheadDropsAndPurgesNothing) {
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
  EXPECT_EQ(report->live_rows_removed, 0);
  EXPECT_EQ(report->keys_purged, 0);
  EXPECT_EQ(partitions(), before);
  EXPECT_EQ(backend_.count("ActivityNotificationKey"), keys);
  ASSERT_TRUE(report->database_time);
  EXPECT_LT(report->database_time->value, now_wall().value + kDayMs);
}

TEST_F(PostgresMonths, APartThatCanNotBeDoneHidesNeitherTheOthersNorTheAlert) {
  backend_.attach_default();
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

TEST_F(PostgresMonths, OneInstanceAtATime) {
  PostgresRaw other(backend_.database().url());
  other.run("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('nx-signal maintenance signal', 0))");
  const auto report = maintenance_->run({});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->elsewhere);
  EXPECT_FALSE(report->finished);
  other.run("COMMIT");
  EXPECT_FALSE(maintenance_->run({})->elsewhere);
}

TEST_F(PostgresMonths, MigrateMakesNoneOfThePast) {
  const std::string past = month(-1);
  backend_.raw().run("DROP TABLE signal.\"ActivityNotification_" + past +
                     "\", signal.\"ActivityNotificationRecipient_" + past + '"');
  const auto migrated = migrate_postgres(backend_.database().options());
  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_EQ(*migrated, "version 6, nothing to do");
}

TEST_F(PostgresMonths, AWriterWhoseMonthIsMissingMakesIt) {
  ASSERT_TRUE(store_->ingest(std::vector{message("before")}));
  const std::string now = month(0);
  backend_.raw().run("DROP TABLE signal.\"ActivityNotification_" + now + "\", signal.\"ActivityNotificationRecipient_" +
                     now + '"');
  auto another = backend_.open_notifications();
  PostgresRaw dump(backend_.database().url());
  dump.run(R"(BEGIN; SELECT count(*) FROM signal."ActivityNotification", signal."ActivityNotificationRecipient")");

  for (auto* store : {store_.get(), another.get()}) {
    const auto stored = store->ingest(std::vector{message(store == another.get() ? "b" : "a")});
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_TRUE(*store->find({"u1"}, stored->front().notification.id));
  }
  EXPECT_EQ(backend_.raw().run("SELECT count(*) FROM pg_class WHERE relname LIKE '%_" + now + "' AND relkind = 'r'"),
            "2");
}

TEST_F(PostgresMonths, AMonthThatIsMissingWhileTheTableIsTakenIsUnavailable) {
  const std::string now = month(0);
  backend_.raw().run("DROP TABLE signal.\"ActivityNotification_" + now + '"');
  PostgresRaw other(backend_.database().url());
  other.run(R"(BEGIN; LOCK TABLE ONLY signal."ActivityNotification" IN SHARE UPDATE EXCLUSIVE MODE)");
  const auto refused = store_->ingest(std::vector{message("a")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable) << "no message is to blame";
  other.run("COMMIT");
  EXPECT_TRUE(store_->ingest(std::vector{message("a")}));
}

TEST_F(PostgresMonths, MigrateTakesTheDefaultPartitionOffAndMovesItsRows) {
  const std::int64_t before = partitions();
  backend_.attach_default();
  insert_notification(7, 3);
  insert_notification(-20, 2);

  const auto migrated = migrate_postgres(backend_.database().options());

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_EQ(partitions(), before + 2) << "the months of the rows";
  EXPECT_EQ(backend_.count("ActivityNotification"), 5);
  EXPECT_EQ(backend_.count("ActivityNotification_" + month(7)), 3);
  EXPECT_EQ(backend_.count("ActivityNotification_default"), 0);
  EXPECT_EQ(run({}).rows_in_default, 0);
  EXPECT_EQ(*migrate_postgres(backend_.database().options()), "version 6, nothing to do");
}

TEST_F(PostgresMonths, ADefaultPartitionWithManyRowsStaysAndIsSaid) {
  backend_.attach_default();
  insert_notification(4, 1'001);
  const auto migrated = migrate_postgres(backend_.database().options());
  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_NE(migrated->find("kept the default partition because it has more than 1000 rows: ActivityNotification"),
            std::string::npos)
      << *migrated;
  EXPECT_EQ(backend_.count("ActivityNotification"), 1'001);
  MaintenancePlan plan;
  plan.months_ahead = 4;
  const MaintenanceReport report = run(plan);
  EXPECT_EQ(report.rows_in_default, 1'001);
  EXPECT_EQ(report.partitions_made, 1U) << "that of the recipients; the other cannot be had beside the rows";
  plan.retention_days = 62;
  EXPECT_GT(run(plan).partitions_dropped, 0U) << "CONCURRENTLY is not to be had, the plain way is";
}

}  // namespace
}  // namespace nx::store
