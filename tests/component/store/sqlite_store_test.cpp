// A file that is not what it should be, is locked, or has no room; and statements that take too long.

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "component/store/repository_suite.hpp"
#include "component/store/sqlite_file.hpp"
#include "component/temporary_folder.hpp"

namespace nx::store {
namespace {

using testing::HasSubstr;

class SqliteStore : public testing::Test {
 protected:
  static NewNotification message(const std::string& source) {
    NewNotification item;
    item.activity.source = source;
    item.activity.type = "t";
    item.activity.title = std::string(400, 'x');
    item.recipients = {{"u1"}};
    return item;
  }
  test::TemporaryFolder folder_;
  SqliteOptions options_{.path = folder_.file("signal.db"), .statement_timeout = std::chrono::milliseconds{100}};
};

TEST_F(SqliteStore, AFileThatIsNotThereIsUnavailableAndNamed) {
  const auto opened = open_sqlite_notifications(options_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr(options_.path));
  EXPECT_FALSE(std::filesystem::exists(options_.path));
}

TEST_F(SqliteStore, AFileWithoutTablesNamesTheCommandToRun) {
  SqliteRaw(options_.path).run("CREATE TABLE other (x)");

  EXPECT_THAT(open_sqlite_notifications(options_).error().message, HasSubstr("nx-signal migrate"));
}

TEST_F(SqliteStore, AFileThatIsNoDatabaseIsUnavailable) {
  std::ofstream(options_.path) << std::string(4'096, 'x');

  EXPECT_EQ(open_sqlite_notifications(options_).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(migrate_sqlite(options_).error().kind, ErrorKind::unavailable);
}

TEST_F(SqliteStore, AnInMemoryDatabaseIsRefused) {
  options_.path = ":memory:";
  EXPECT_THAT(migrate_sqlite(options_).error().message, HasSubstr("WAL"));
}

TEST_F(SqliteStore, ASchemaThatForbidsThisProgramIsRefused) {
  ASSERT_TRUE(migrate_sqlite(options_));
  SqliteRaw(options_.path).run(R"(UPDATE "ActivitySchema" SET version = 9, oldest_program = 9)");
  EXPECT_THAT(open_sqlite_notifications(options_).error().message, HasSubstr("version 9"));
  EXPECT_FALSE(migrate_sqlite(options_));

  SqliteRaw(options_.path).run(R"(UPDATE "ActivitySchema" SET oldest_program = 1)");
  EXPECT_TRUE(open_sqlite_notifications(options_)) << "a newer, additive schema lets old programs run on";
  EXPECT_TRUE(migrate_sqlite(options_));
}

TEST_F(SqliteStore, AnOlderSchemaIsRefusedUntilItIsMigrated) {
  ASSERT_TRUE(migrate_sqlite(options_));
  SqliteRaw(options_.path).run(R"(UPDATE "ActivitySchema" SET version = 0)");

  EXPECT_THAT(open_sqlite_notifications(options_).error().message, HasSubstr("nx-signal migrate"));
}

TEST_F(SqliteStore, TablesOfVersionTwoGetWhatVersionThreeAddsAndKeepTheirRows) {
  ASSERT_TRUE(migrate_sqlite(options_));
  ASSERT_TRUE((*open_sqlite_notifications(options_))->ingest(std::vector{message("a")}));
  SqliteRaw(options_.path)
      .run(
          R"(DROP TABLE "ActivityRevocation"; DROP TABLE "ActivityBroadcast"; ALTER TABLE "ActivityNotification" DROP COLUMN excluded;
    ALTER TABLE "ActivityNotificationRecipient" DROP COLUMN delivered_at; UPDATE "ActivitySchema" SET version = 2)");
  EXPECT_FALSE(open_sqlite_notifications(options_));

  const auto migrated = migrate_sqlite(options_);

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_THAT(*migrated, HasSubstr("upgraded from version 2 to version 4"));
  EXPECT_EQ((*open_sqlite_notifications(options_))->unread_count({"u1"})->count, 1);
  SqliteRaw(options_.path).run(R"(SELECT n.excluded, r.delivered_at, v.user_id, v.revoked_at, v.revoked_by
    FROM "ActivityNotification" n, "ActivityNotificationRecipient" r, "ActivityRevocation" v)");
}

TEST_F(SqliteStore, AWriterThatHoldsTheLockMakesWritersUnavailableAndReadersNot) {
  ASSERT_TRUE(migrate_sqlite(options_));
  auto store = open_sqlite_notifications(options_);
  ASSERT_TRUE(store);
  SqliteRaw other(options_.path);
  other.run("BEGIN IMMEDIATE");

  const auto refused = (*store)->ingest(std::vector{message("a")});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("locked"));
  EXPECT_TRUE((*store)->unread_count({"u1"}));
  other.run("COMMIT");
  EXPECT_TRUE((*store)->ingest(std::vector{message("a")}));
}

TEST_F(SqliteStore, AFullDiskIsUnavailableAndLeavesNothingHalfDone) {
  ASSERT_TRUE(migrate_sqlite(options_));
  auto store = open_sqlite_notifications(options_);
  ASSERT_TRUE(store && (*store)->ingest(std::vector{message("before")}));
  std::vector<NewNotification> batch;
  for (int i = 0; i < 200; ++i) batch.push_back(message("batch/" + std::to_string(i)));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = std::filesystem::file_size(options_.path + "-wal") + 8'192;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);

  const auto refused = (*store)->ingest(batch);

  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ((*store)->unread_count({"u1"})->count, 1);
  EXPECT_EQ((*store)->recount({"u1"})->count, 1);
  const auto again = (*store)->ingest(batch);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*store)->recount({"u1"})->count, 201);
}

TEST_F(SqliteStore, AReadOnlyFolderOfTheLogIsUnavailable) {
  ASSERT_TRUE(migrate_sqlite(options_));
  std::filesystem::create_directory(options_.path + "-wal");  // where the log would go, something else is

  const auto opened = open_sqlite_notifications(options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
}

TEST_F(SqliteStore, AStatementPastItsTimeIsEndedAsTooBroad) {
  ASSERT_TRUE(migrate_sqlite(options_));
  SqliteRaw(options_.path).run(R"(
    INSERT INTO "ActivityInbox" (user_no, user_id, last_seq, live, unread) VALUES (1, 'u1', 400000, 400000, 400000);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
    INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id) SELECT 1, i, CAST(printf('%016d', i) AS BLOB) FROM n;)");
  options_.statement_timeout = std::chrono::milliseconds{1};
  auto store = open_sqlite_notifications(options_);
  ASSERT_TRUE(store);

  const auto counted = (*store)->recount({"u1"});

  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().kind, ErrorKind::too_broad);
  EXPECT_TRUE((*store)->unread_count({"u1"})) << "the connection goes on";
}

TEST_F(SqliteStore, AnInboxOfManyRowsTakesNoMoreStepsThanASmallOne) {
  ASSERT_TRUE(migrate_sqlite(options_));
  // 200,000 rows: the newest 10 and the oldest 1,000 live, the rest archived; every other one read.
  SqliteRaw(options_.path).run(R"(
    INSERT INTO "ActivityInbox" (user_no, user_id, last_seq, live, unread) VALUES (1, 'u1', 200000, 1010, 505);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
    INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, archived_at)
      SELECT 1, i, CAST(printf('%016d', i) AS BLOB), CASE WHEN i % 2 = 0 THEN 1 END, CASE WHEN i > 1000 AND i <= 199990 THEN 1 END FROM n;
    INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
      SELECT notification_id, 't', 'x', 'users', 0, 0 FROM "ActivityNotificationRecipient";)");
  // With no time at all every statement that is long enough to be looked at (4,000 steps of SQLite's machine) is ended.
  options_.statement_timeout = std::chrono::milliseconds{0};
  auto store = std::move(*open_sqlite_notifications(options_));
  ASSERT_EQ(store->recount({"u1"}).error().kind, ErrorKind::too_broad) << "a walk over the rows is noticed";
  PageRequest page;
  page.user = {"u1"};
  page.limit = 20;

  const auto expect_page = [&](PageRequest::Show show, std::size_t rows, const char* what) {
    page.show = show;
    const auto read = store->page(page);
    ASSERT_TRUE(read) << what << ": " << read.error().message;
    EXPECT_EQ(read->rows.size(), rows) << what;
  };
  expect_page(PageRequest::Show::inbox, 20, "over the archived rows");
  expect_page(PageRequest::Show::unread, 20, "unread over the archived rows");
  EXPECT_TRUE(store->unread_count({"u1"}));
  EXPECT_EQ(store->missed({"u1"}, 1'000, 20)->rows.size(), 10U);
  page.since_seq = 500;
  expect_page(PageRequest::Show::inbox, 20, "upwards");
  page.since_seq.reset();

  const Acknowledgement stretch{.user = {"u1"}, .ids = {}, .above = 990, .up_to = 200'000, .at = {1}};
  EXPECT_EQ(store->acknowledge(std::vector{stretch}), 20) << "over the archived rows";
  page.show = PageRequest::Show::archived;
  page.before_seq = 100'000;  // without a total
  const Acknowledgement named{.user = {"u1"}, .ids = {store->page(page)->rows.back().notification.id}, .at = {1}};
  EXPECT_EQ(store->acknowledge(std::vector{named}), 1) << "archived, but named";
  page.before_seq.reset();

  const auto marked = store->mark_all_read({"u1"}, {});
  ASSERT_TRUE(marked) << marked.error().message;
  EXPECT_EQ(marked->changed, 505);
  expect_page(PageRequest::Show::unread, 0, "unread after all were read");
  page.show = PageRequest::Show::inbox;
  const NotificationId newest = store->page(page)->rows.front().notification.id;
  ASSERT_TRUE(store->change({"u1"}, newest, {.read = false, .archived = {}}));
  expect_page(PageRequest::Show::unread, 1, "reopened");
  EXPECT_TRUE(store->mark_all_read({"u1"}, {}));
}

TEST_F(SqliteStore, PoliciesWithoutATableAreUnavailableAndNameIt) {
  ASSERT_TRUE(migrate_sqlite(options_));
  options_.policy_table = "Elsewhere";

  EXPECT_THAT(open_sqlite_policies(options_).error().message, HasSubstr("Elsewhere"));
}

TEST_F(SqliteStore, APolicyTableNameIsQuotedNotPasted) {
  options_.policy_table = R"(odd "name"; --)";
  ASSERT_TRUE(replace_sqlite_policies(options_, {{"join_domain", "User", "u1", "Organizer", "o1", false}}));

  auto policies = open_sqlite_policies(options_);
  ASSERT_TRUE(policies);
  EXPECT_EQ((*policies)->users_of_organizer("o1", 1'000)->size(), 1U);
}

}  // namespace
}  // namespace nx::store
