// Somebody has inboxes locked: what needs them is given back as waiting, the rest is stored, and nobody waits for us.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

using std::chrono::milliseconds;

class PostgresLocks : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(migrate_postgres(options));
    store = std::move(*open_postgres_notifications(options));
    ASSERT_TRUE(store->ingest(std::vector{message("before", {"u1", "u2", "u3"})}));
  }
  void lock(const std::string& user) {
    holder.run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id = ')" + user + "' FOR UPDATE");
  }
  std::vector<IngestOutcome> outcomes(const std::vector<NewNotification>& batch) {
    std::vector<IngestOutcome> found;
    const auto results = store->ingest(batch);
    EXPECT_TRUE(results) << results.error().message;
    if (results) {
      for (const IngestResult& one : *results) found.push_back(one.outcome);
    }
    return found;
  }
  std::string rows() { return *raw.run(R"(SELECT count(*) FROM signal."ActivityNotificationRecipient")"); }

  PostgresDatabase database;
  PostgresOptions options = database.options();
  std::unique_ptr<ActivityNotificationRepository> store;
  PostgresRaw raw{database.url()}, holder{database.url()};
};

using enum IngestOutcome;

TEST_F(PostgresLocks, WhatNeedsALockedInboxWaitsAndItsNeighboursAreStored) {
  lock("u2");
  const std::vector batch{message("a", {"u1"}), message("b", {"u1", "u2", "u3"}), message("c", {"u3", "new"}),
                          message("d", {"u2"})};

  EXPECT_EQ(outcomes(batch), (std::vector{stored, waiting, stored, waiting}));

  EXPECT_EQ(rows(), "6");
  const std::vector again{batch[1], batch[3]};
  const auto results = store->ingest(again);
  ASSERT_TRUE(results);
  EXPECT_THAT(results->front().waits_for, testing::HasSubstr("user u2"));
  holder.run("COMMIT");
  EXPECT_EQ(outcomes(again), (std::vector{stored, stored}));
  EXPECT_EQ(rows(), "10");
  for (const char* user : {"u1", "u2", "u3", "new"}) {
    EXPECT_EQ(store->recount({user})->count, store->unread_count({user})->count) << user;
  }
}

// Another batch, of this instance or another, with the same users.
TEST_F(PostgresLocks, AnInboxThatIsLockedForAMomentIsWaitedForAndNothingIsSetAside) {
  lock("u2");
  std::thread other([this] {
    std::this_thread::sleep_for(milliseconds{250});
    holder.run("COMMIT");
  });
  EXPECT_EQ(outcomes({message("a", {"u1"}), message("b", {"u2"})}), (std::vector{stored, stored}));
  other.join();
}

// The second session would wait for as long as the first does, if a transaction kept what it has.
TEST_F(PostgresLocks, WhoWaitsHasNothingLocked) {
  lock("u2");
  EXPECT_EQ(outcomes({message("b", {"u1", "u2"})}), std::vector{waiting});
  raw.run(R"(SET lock_timeout = '1ms'; UPDATE signal."ActivityInbox" SET live = live WHERE user_id <> 'u2')");
  EXPECT_EQ(rows(), "3");
}

TEST_F(PostgresLocks, AnInboxThatAnotherTransactionIsMakingIsWaitedForLikeALockedOne) {
  holder.run(R"(BEGIN; INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ('new', 0, 0, 0))");
  EXPECT_EQ(outcomes({message("a", {"u1"}), message("b", {"new"})}), (std::vector{stored, waiting}));
  holder.run("ROLLBACK");
  EXPECT_EQ(outcomes({message("b", {"new"})}), std::vector{stored});
}

// Statements are counted: after a statement that took too long because the server is slow, each takes half.
TEST_F(PostgresLocks, AWaitForALockThatEndsWithTheStatementsTimeIsNoSlowServer) {
  raw.run(
      "CREATE TABLE signal.statements (n int); CREATE FUNCTION signal.count_it() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN INSERT INTO signal.statements VALUES (1); RETURN NULL; END $$; CREATE TRIGGER counts AFTER INSERT ON "
      "signal.\"ActivityInbox\" FOR EACH STATEMENT EXECUTE FUNCTION signal.count_it()");
  options.statement_timeout = milliseconds{190};  // shorter than the wait for a lock
  auto opened = open_postgres_notifications(options);
  // A slow machine may need longer than that to open it.
  for (int i = 0; i < 50 && !opened; ++i) opened = open_postgres_notifications(options);
  ASSERT_TRUE(opened) << opened.error().message;
  store = std::move(*opened);
  lock("u2");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(outcomes({message("b" + std::to_string(i), {"u2"}), message("c" + std::to_string(i), {"u3"})}),
              (std::vector{waiting, stored}));
  }
  raw.run("TRUNCATE signal.statements");
  std::vector<std::string> users;
  for (int i = 0; i < 100; ++i) users.push_back("user-" + std::to_string(i));
  EXPECT_EQ(outcomes({message("large", users)}), std::vector{stored});
  EXPECT_EQ(*raw.run("SELECT count(*) FROM signal.statements"), "1");
}

}  // namespace
}  // namespace nx::store
