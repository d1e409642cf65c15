// Statements and locks that take too long.

#include <atomic>
#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "component/store/postgres_faults_fixture.hpp"
#include "patience.hpp"

namespace nx::store {
namespace {

using testing::HasSubstr;
using PostgresTimeoutsTest = PostgresStore;

TEST_F(PostgresTimeoutsTest, AReadPastItsTimeIsTooBroadAndTheConnectionGoesOn) {
  ASSERT_TRUE(open()->ingest(one("a")));
  PostgresRaw(database_.url()).run(R"(
    ALTER TABLE signal."ActivityNotificationRecipient" RENAME TO "Rows";
    CREATE VIEW signal."ActivityNotificationRecipient" AS SELECT r.* FROM signal."Rows" r CROSS JOIN LATERAL pg_sleep(r.seq + 5))");
  options_.statement_timeout = milliseconds{300};
  const auto store = open();

  const auto counted = store->recount({"u1"});

  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().kind, ErrorKind::too_broad);
  EXPECT_THAT(counted.error().message, HasSubstr("57014"));
  EXPECT_TRUE(time_to_succeed([&] { return store->unread_count({"u1"}).has_value(); }, milliseconds{3'000}));
}

TEST_F(PostgresTimeoutsTest, IngestPastItsTimeIsUnavailable) {
  make_slow("ActivityNotificationKey");
  options_.statement_timeout = milliseconds{300};
  auto store = open();

  const auto refused = store->ingest(one("a"));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("57014"));
  EXPECT_EQ(rows(), "0 0 0 0");
}

TEST_F(PostgresTimeoutsTest, AScopeThatTakesTooLongIsStoredInSmallerStatements) {
  std::vector<std::string> users;
  for (int i = 0; i < 5'000; ++i) users.push_back("user-" + std::to_string(i));
  PostgresRaw(database_.url())
      .run(
          "CREATE FUNCTION signal.nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.0005); RETURN "
          "NULL; END $$; CREATE TRIGGER slow AFTER INSERT ON signal.\"ActivityNotificationRecipient\" FOR EACH ROW "
          "EXECUTE FUNCTION signal.nap()");
  // A tenth of it is enough for the smallest statement, which has 312 rows.
  options_.statement_timeout = milliseconds{1'500};
  auto store = open();

  int refused = 0;
  const auto took = time_to_succeed(
      [&] {
        const auto stored = store->ingest(std::vector{message("a", users)});
        if (stored) return true;
        ++refused;
        EXPECT_EQ(stored.error().kind, ErrorKind::unavailable);
        EXPECT_THAT(stored.error().message, HasSubstr("57014"));
        return false;
      },
      milliseconds{15'000});

  EXPECT_TRUE(took) << "tried " << refused << " times";
  EXPECT_GT(refused, 0) << "the server was not slow enough to show anything";
  EXPECT_EQ(rows(), "1 1 5000 5000");
}

TEST_F(PostgresTimeoutsTest, ALockThatIsHeldTooLongIsUnavailableAndAMessageWaitsForIt) {
  auto store = open();
  ASSERT_TRUE(store->ingest(one("a")));
  options_.statement_timeout = milliseconds{400};
  auto waiting = open();
  PostgresRaw other(database_.url());
  other.run(R"(BEGIN; UPDATE signal."ActivityInbox" SET live = live WHERE user_id = 'u1')");

  const auto began = steady_clock::now();
  const auto ingested = waiting->ingest(one("b"));
  const auto marked = waiting->mark_all_read({"u1"}, {});

  EXPECT_LT(since(began), kPatience * milliseconds{2'000});
  ASSERT_TRUE(ingested && !marked);
  EXPECT_EQ(ingested->front().outcome, IngestOutcome::waiting);
  EXPECT_EQ(marked.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(marked.error().message, HasSubstr("55P03"));
  EXPECT_TRUE(waiting->unread_count({"u1"})) << "readers wait for nobody";
  other.run("COMMIT");
  EXPECT_TRUE(waiting->ingest(one("b")));
}

TEST_F(PostgresTimeoutsTest, TwoWritersAndMarkersDoNotDeadlock) {
  std::vector<std::string> users;
  for (int i = 0; i < 40; ++i) users.push_back("user-" + std::to_string(i));
  std::atomic<int> failures{0};
  std::atomic<bool> done{false};
  std::string reason;
  const auto write = [&](int writer) {
    auto store = open();
    auto mine = users;
    if (writer == 1) std::reverse(mine.begin(), mine.end());
    for (int i = 0; i < 60; ++i) {
      const std::string name = std::to_string(i);
      const std::vector batch{message("shared/" + name, mine),
                              message("own/" + std::to_string(writer) + "/" + name, mine)};
      const auto stored = store->ingest(batch);
      if (!stored && ++failures == 1) reason = stored.error().message;
    }
  };
  const auto mark = [&](int marker) {
    auto store = open();
    for (int i = 0; !done; ++i) {
      const UserId user{users[static_cast<std::size_t>(i * 7 + marker) % users.size()]};
      const auto page = store->page(page_of(user.value));
      std::vector<NotificationId> ids;
      for (const InboxRow& inbox_row : page->rows) ids.push_back(inbox_row.notification.id);
      const bool ok = store->mark_read(user, ids).has_value() && store->mark_all_read(user, {}).has_value() &&
                      (ids.empty() || store->change(user, ids.front(), {.read = false, .archived = true}).has_value());
      if (!ok) ++failures;
    }
  };
  std::vector<std::thread> markers;
  for (int i = 0; i < 2; ++i) markers.emplace_back(mark, i);
  std::thread one_writer(write, 0);
  std::thread two_writer(write, 1);
  one_writer.join();
  two_writer.join();
  done = true;
  for (std::thread& marker : markers) marker.join();

  EXPECT_EQ(failures, 0) << reason;
  auto store = open();
  for (const std::string& user : users) {
    EXPECT_EQ(store->unread_count({user})->count, store->recount({user})->count) << user;
    EXPECT_EQ(store->unread_count({user})->seq, 180) << user;
  }
}

}  // namespace
}  // namespace nx::store
