// The whole way with real neighbours: embedded broker → consumer → SQLite, which another connection locks for a while.

#include <sqlite3.h>

#include "component/ingest/fixture.hpp"
#include "component/temporary_folder.hpp"
#include "store/sqlite_store.hpp"

namespace nx::ingest::testing {
namespace {

using SqliteTest = Ingest;

TEST_F(SqliteTest, ALockedSqliteFileHoldsTheStreamUpAndLosesNothing) {
  const test::TemporaryFolder folder;
  store::SqliteOptions database;
  database.path = folder.file("signal.db");
  database.statement_timeout = std::chrono::milliseconds{50};
  ASSERT_TRUE(store::migrate_sqlite(database));
  {
    const auto inboxes = std::move(*store::open_sqlite_notifications(database));
    const auto reader = std::move(*store::open_sqlite_notifications(database));
    resolve::RecipientResolver resolver{policies};
    delivery::Notify over_sqlite{
        resolver,
        *inboxes,
        [](const auto&, const auto& to, const auto&) { return delivery::Pushed{.here = to.size()}; },
        {},
        kQuiet};
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(database.path.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    for (int i = 0; i < 60; ++i) producer->send(kTopic, {{.value = message("n"), .partition = i % 3}});

    KafkaConsumer consumer{options(), {&over_sqlite}, kQuiet};
    ASSERT_TRUE(consumer.start());
    ASSERT_TRUE(eventually([&] { return consumer.stats().retries >= 3; }));
    EXPECT_FALSE(consumer.ready());
    sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(other);

    EXPECT_TRUE(eventually([&] { return reader->unread_count({"u1"})->count == 60; }));
    EXPECT_TRUE(eventually([&] { return consumer.ready(); }));
    EXPECT_EQ(consumer.stats().poison, 0U);
  }
}

}  // namespace
}  // namespace nx::ingest::testing
