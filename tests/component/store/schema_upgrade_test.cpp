// A rolling upgrade on PostgreSQL: `migrate` runs while programs of the version before go on with their own statements.

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Takes away what versions 3 to 6 added, and puts back what version 4 took off.
constexpr const char* kBackToTwo = R"(
  DROP TABLE signal."ActivityRevocation", signal."ActivityUpkeep", signal."ActivityBroadcast", signal."ActivityInboxMonth";
  ALTER TABLE signal."ActivityInbox" DROP COLUMN month, DROP COLUMN month_from, DROP COLUMN mapped_to;
  DROP TABLE signal."ActivityNotification_default", signal."ActivityNotificationRecipient_default";
  CREATE TABLE signal."ActivityNotification_default" PARTITION OF signal."ActivityNotification" DEFAULT;
  CREATE TABLE signal."ActivityNotificationRecipient_default" PARTITION OF signal."ActivityNotificationRecipient" DEFAULT;
  ALTER TABLE signal."ActivityNotification" DROP COLUMN excluded;
  ALTER TABLE signal."ActivityNotificationRecipient" DROP COLUMN delivered_at;
  UPDATE signal."ActivitySchema" SET version = 2)";

/// A batch and a page as programs of version 2 write and read them: `$1` is the number of the row.
constexpr const char* kPrepareTwo = R"(
  PREPARE ingest(bigint) AS WITH notification AS (
    INSERT INTO signal."ActivityNotification" (id, key, type, title, body, data, extra, recipient_scope,
      organizer_id, merchant_id, actor_id, occurred_at, created_at, modified_at)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex($1), 12, '0'))::uuid,
      NULL, 't', 'x', NULL, NULL, NULL, 'users', NULL, NULL, NULL, NULL, now(), now() RETURNING id)
  INSERT INTO signal."ActivityNotificationRecipient" (user_no, seq, notification_id) SELECT 1, $1, id FROM notification;
  PREPARE page AS SELECT n.id, n.title, r.seq, r.archived_at FROM (SELECT user_no, seq, notification_id, read_at, archived_at, reopened
      FROM signal."ActivityNotificationRecipient" WHERE user_no = 1 AND archived_at IS NULL ORDER BY seq DESC LIMIT 10) r
    CROSS JOIN LATERAL (SELECT * FROM signal."ActivityNotification" o WHERE o.id = r.notification_id OFFSET 0) n)";

class SchemaUpgrade : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(migrate_postgres(database_.options())); }

  std::vector<std::string> columns_of(const std::string& table) {
    return raw_.column(
        "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'signal' AND table_name = '" +
        table + "' AND column_name IN ('excluded', 'delivered_at')");
  }
  void expect_version_six() {
    EXPECT_EQ(raw_.run(R"(SELECT version || ' ' || oldest_program FROM signal."ActivitySchema")"), "6 1");
    EXPECT_THAT(columns_of("ActivityNotification"), ElementsAre("excluded"));
    EXPECT_THAT(columns_of("ActivityNotificationRecipient"), ElementsAre("delivered_at"));
    EXPECT_EQ(raw_.run(R"(SELECT count(*) FROM signal."ActivityNotificationRecipient_default")"), "0");
    EXPECT_EQ(
        raw_.run("SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relname LIKE '%_default'"),
        "0");
    EXPECT_EQ(raw_.run(R"(SELECT busy FROM signal."ActivityUpkeep")"), "0");
    EXPECT_EQ(raw_.run(R"(SELECT count(*) FROM signal."ActivityRevocation")"), "0");
    EXPECT_EQ(raw_.run(R"(SELECT count(*) FROM signal."ActivityBroadcast")"), "0");
    EXPECT_EQ(raw_.run(R"(SELECT count(*) FROM signal."ActivityInboxMonth")"), "0");
    EXPECT_EQ(raw_.run(R"(SELECT coalesce(max(mapped_to), 0) FROM signal."ActivityInbox")"), "0");
  }

  PostgresDatabase database_;
  PostgresRaw raw_{database_.url()};
};

TEST_F(SchemaUpgrade, NewTablesHaveAllOfVersionSix) {
  expect_version_six();
}

TEST_F(SchemaUpgrade, ProgramsOfVersionTwoGoOnWhileTheTablesChange) {
  raw_.run(kBackToTwo);
  EXPECT_FALSE(open_postgres_notifications(database_.options()));
  std::atomic<bool> done{false};
  std::atomic<int> written{0}, read{0};
  std::thread writer([&] {
    PostgresRaw program(database_.url());
    program.run(kPrepareTwo);
    while (!done) program.run("EXECUTE ingest(" + std::to_string(++written) + ")");
  });
  std::thread reader([&] {
    PostgresRaw program(database_.url());
    program.run(kPrepareTwo);
    for (; !done; ++read) program.run("EXECUTE page");
  });
  while (written < 20 || read < 20) std::this_thread::yield();

  const auto migrated = migrate_postgres(database_.options());
  const int at_once = written;
  while (written < at_once + 20) std::this_thread::yield();  // with the statements that they had prepared before
  done = true;
  writer.join();
  reader.join();

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_THAT(*migrated, HasSubstr("upgraded from version 2 to version 6"));
  expect_version_six();
  EXPECT_EQ(raw_.run(R"(SELECT count(*) FROM signal."ActivityNotificationRecipient")"), std::to_string(written.load()));
}

class SchemaUpgradeBesideReaders : public SchemaUpgrade, public testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(Tables, SchemaUpgradeBesideReaders,
                         testing::Values("ActivityNotificationRecipient", "ActivityInbox"));

TEST_P(SchemaUpgradeBesideReaders, ALongTransactionHoldsUpTheUpgradeAndNobodyElse) {
  const std::string table = "signal.\"" + GetParam() + "\"";
  raw_.run(kBackToTwo);
  PostgresRaw holder(database_.url());
  holder.run("BEGIN; SELECT * FROM " + table);
  std::atomic<bool> done{false};
  std::thread migration([&] {
    const auto migrated = migrate_postgres(database_.options());
    EXPECT_TRUE(migrated) << migrated.error().message;
    done = true;
  });
  // Each of these would wait behind a waiting migration: the short time-out ends it.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(raw_.sqlstate_of("SET statement_timeout = 1500; SELECT * FROM " + table), "");
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  EXPECT_FALSE(done);
  holder.run("COMMIT");
  migration.join();

  expect_version_six();
}

/// Readers and writers of version 4 hold both tables, and the steps want no lock on them: nobody waits for anybody.
TEST_F(SchemaUpgrade, TheStepsFromVersionFourWantNoLockOfNotificationsAndRecipients) {
  raw_.run(R"(DROP TABLE signal."ActivityBroadcast", signal."ActivityInboxMonth";
    ALTER TABLE signal."ActivityUpkeep" DROP COLUMN mapped_through, DROP COLUMN map_from, DROP COLUMN ended_before;
    ALTER TABLE signal."ActivityInbox" DROP COLUMN month, DROP COLUMN month_from, DROP COLUMN mapped_to;
    UPDATE signal."ActivitySchema" SET version = 4)");
  PostgresRaw holder(database_.url());
  holder.run(R"(BEGIN; LOCK TABLE signal."ActivityNotification", signal."ActivityNotificationRecipient",
    signal."ActivityNotificationKey" IN ROW EXCLUSIVE MODE)");

  const auto migrated = migrate_postgres(database_.options());

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_THAT(*migrated, HasSubstr("upgraded from version 4 to version 6"));
  expect_version_six();
}

}  // namespace
}  // namespace nx::store
