// What is PostgreSQL's own about slices: locks that others have, and a month that nobody has made.

#include <gtest/gtest.h>

#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

using Outcome = StoredSlice::Outcome;

class PostgresBroadcastsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(migrate_postgres(database_.options()));
    raw_.run(R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text, subject_type text,
      subject_id text, target_type text, target_id text))");
    auto opened = open_postgres_repositories(database_.options());
    ASSERT_TRUE(opened) << opened.error().message;
    repositories_ = std::move(*opened);
    NewNotification first;
    first.activity.source = "t/0/1/1";
    first.recipients = {{"a"}, {"b"}};
    NewNotification large;
    large.activity.source = "t/0/2/1";
    large.later = true;
    const auto stored = repositories_.notifications->ingest(std::vector{first, large});
    ASSERT_TRUE(stored) << stored.error().message;
    id_ = (*stored)[1].notification.id;
    ASSERT_TRUE(repositories_.broadcasts->take("w1"));
  }

  Outcome store(std::vector<UserId> users) {
    const auto stored =
        repositories_.broadcasts->store("w1", id_, {.from = std::nullopt, .through = "z", .recipients = users});
    EXPECT_TRUE(stored) << stored.error().message;
    return stored ? stored->outcome : Outcome::lost;
  }
  std::int64_t unread(const std::string& user) { return repositories_.notifications->unread_count({user})->count; }

  PostgresDatabase database_;
  PostgresRaw raw_{database_.url()};
  Repositories repositories_;
  NotificationId id_;
};

TEST_F(PostgresBroadcastsTest, ALockedInboxSendsTheSliceBackWithNothingDone) {
  PostgresRaw holder(database_.url());
  holder.run(R"(BEGIN; SELECT * FROM signal."ActivityInbox" WHERE user_id = 'b' FOR UPDATE)");

  EXPECT_EQ(store({{"a"}, {"b"}, {"c"}}), Outcome::busy);
  // It let go of those that it had: another writer of `a` and `c` waits for nobody.
  EXPECT_EQ(
      raw_.sqlstate_of(R"(SET lock_timeout = 1000; UPDATE signal."ActivityInbox" SET live = live WHERE user_id = 'a')"),
      "");
  holder.run("COMMIT");

  EXPECT_EQ(unread("a"), 1);
  EXPECT_EQ(store({{"a"}, {"b"}, {"c"}}), Outcome::stored);
  EXPECT_EQ(unread("b"), 2);
}

TEST_F(PostgresBroadcastsTest, ASlowServerSendsTheSliceBackToo) {
  raw_.run(R"(CREATE FUNCTION signal.slow() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON signal."ActivityInbox" FOR EACH ROW EXECUTE FUNCTION signal.slow())");

  EXPECT_EQ(store({{"c"}, {"d"}, {"e"}, {"f"}}), Outcome::busy);
  EXPECT_EQ(store({{"c"}}), Outcome::stored);
}

TEST_F(PostgresBroadcastsTest, AMonthThatNobodyMadeIsMade) {
  const auto month = raw_.run("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')");
  raw_.run(R"(DROP TABLE signal."ActivityNotificationRecipient_)" + *month + "\"");

  EXPECT_EQ(store({{"c"}}), Outcome::stored);
  EXPECT_EQ(unread("c"), 1);
}

}  // namespace
}  // namespace nx::store
