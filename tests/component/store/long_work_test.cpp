// Audit and recount in slices: what their observer hears, and what is left when it ends them between two.

#include "component/store/maintenance_suite.hpp"
#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

constexpr int kUsers = 450;  // more than two slices on PostgreSQL

std::vector<std::string> many_users() {
  std::vector<std::string> users;
  for (int i = 0; i < kUsers; ++i) users.push_back("u" + std::to_string(i));
  return users;
}

/// Ends the work at its first slice.
struct Impatient {
  Slice seen;
  LongWork after(std::int64_t position) {
    return {.after = position, .on_slice = [this](const Slice& slice) {
              seen = slice;
              return false;
            }};
  }
};

TEST_P(LongWorkSuite, TheObserverOfAnAuditHearsOfGrowingSharesOfTheUsers) {
  ingest(many_users());
  std::vector<Slice> heard;

  const auto audit = maintenance_->audit({.on_slice = [&heard](const Slice& slice) {
    heard.push_back(slice);
    return true;
  }});

  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->users, kUsers);
  ASSERT_GE(heard.size(), 2U);
  EXPECT_GT(heard.front().share, 0);
  EXPECT_LT(heard.front().share, 1);
  for (std::size_t i = 1; i < heard.size(); ++i) {
    EXPECT_GT(heard[i].done, heard[i - 1].done);
    EXPECT_GT(heard[i].share, heard[i - 1].share);
    EXPECT_GT(heard[i].position, heard[i - 1].position);
  }
}

TEST_P(LongWorkSuite, AnAuditThatWasEndedContinuesAtItsPosition) {
  ingest(many_users());
  backend_->run(R"(UPDATE @"ActivityInbox" SET unread = unread + 1)");
  Impatient observer;

  const auto begin = maintenance_->audit(observer.after(0));
  ASSERT_TRUE(begin) << begin.error().message;
  const auto rest = maintenance_->audit({.after = observer.seen.position});
  ASSERT_TRUE(rest) << rest.error().message;

  EXPECT_EQ(begin->users, observer.seen.done);
  EXPECT_LT(begin->users, kUsers);
  EXPECT_EQ(begin->wrong_users, begin->users);
  EXPECT_EQ(begin->users + rest->users, kUsers);
  EXPECT_EQ(begin->wrong_users + rest->wrong_users, kUsers);
}

TEST_P(LongWorkSuite, ARecountThatWasEndedKeepsWhatItRepairedAndContinuesAtItsPosition) {
  ingest(many_users());
  backend_->run(R"(UPDATE @"ActivityInbox" SET unread = unread + 1)");
  Impatient observer;

  const auto begin = maintenance_->recount(observer.after(0));
  ASSERT_TRUE(begin) << begin.error().message;
  EXPECT_EQ(*begin, observer.seen.done);
  EXPECT_EQ(maintenance_->audit()->wrong_users, kUsers - *begin);
  const auto rest = maintenance_->recount({.after = observer.seen.position});
  ASSERT_TRUE(rest) << rest.error().message;

  EXPECT_EQ(*begin + *rest, kUsers);
  EXPECT_EQ(maintenance_->audit()->wrong_users, 0);
}

TEST(LongWorkOfPostgresMigration, ItsObserverHearsOfEachStepAndMayEndItBeforeTheFirst) {
  const PostgresDatabase database;
  PostgresRaw raw(database.url());
  Impatient observer;

  const auto ended = migrate_postgres(database.options(), observer.after(0));

  EXPECT_FALSE(ended);
  EXPECT_EQ(observer.seen.done, 0);
  EXPECT_EQ(raw.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'signal'"), "0");

  std::vector<Slice> heard;
  const auto migrated = migrate_postgres(database.options(), {.on_slice = [&heard](const Slice& slice) {
                                           heard.push_back(slice);
                                           return true;
                                         }});
  ASSERT_TRUE(migrated) << migrated.error().message;
  ASSERT_EQ(heard.size(), 5U) << "tables, then the default partition and the months of two tables";
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(heard[i].done, static_cast<std::int64_t>(i));
    EXPECT_DOUBLE_EQ(heard[i].share, static_cast<double>(i) / static_cast<double>(heard.size()));
    EXPECT_EQ(heard[i].waits_for, "");
  }
}

TEST(LongWorkOfPostgresMigration, ItSaysThatItWaitsForATableInUseAndMayBeEndedMeanwhile) {
  const PostgresDatabase database;
  ASSERT_TRUE(migrate_postgres(database.options()));
  PostgresRaw raw(database.url());
  const auto newest = raw.run(
      R"(SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'signal."ActivityNotification"'::regclass)");
  raw.run("DROP TABLE " + *newest);
  raw.run(R"(BEGIN; LOCK TABLE signal."ActivityNotification" IN ACCESS EXCLUSIVE MODE)");
  Slice waiting;

  const auto ended = migrate_postgres(database.options(), {.on_slice = [&waiting](const Slice& slice) {
                                        waiting = slice;
                                        return slice.waits_for.empty();
                                      }});

  EXPECT_FALSE(ended);
  EXPECT_EQ(waiting.waits_for, "a table is in use");
  raw.run("ROLLBACK");
  const auto migrated = migrate_postgres(database.options());
  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_NE(migrated->find("1 partitions made"), std::string::npos) << *migrated;
}

}  // namespace
}  // namespace nx::store
