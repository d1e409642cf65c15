// The schema that a store finds: its name, its version, its epoch.

#include <gmock/gmock.h>

#include "component/store/postgres_faults_fixture.hpp"

namespace nx::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using PostgresSchemaTest = PostgresStore;

TEST_F(PostgresSchemaTest, ADatabaseWithoutTablesNamesTheCommandToRun) {
  options_.schema = "other";
  EXPECT_THAT(refusal().message, AllOf(HasSubstr("other"), HasSubstr("nx-signal migrate")));
}

TEST_F(PostgresSchemaTest, ASchemaThatForbidsThisProgramIsRefused) {
  PostgresRaw raw(database_.url());
  raw.run(R"(UPDATE signal."ActivitySchema" SET version = 9, oldest_program = 9)");
  EXPECT_EQ(refusal().kind, ErrorKind::unavailable);
  EXPECT_THAT(refusal().message, HasSubstr("version 9"));
  EXPECT_FALSE(migrate_postgres(options_));

  raw.run(R"(UPDATE signal."ActivitySchema" SET oldest_program = 1)");
  EXPECT_TRUE(open()) << "a newer, additive schema lets old programs run on";
  EXPECT_TRUE(migrate_postgres(options_));

  raw.run(R"(UPDATE signal."ActivitySchema" SET version = 0)");
  EXPECT_THAT(refusal().message, HasSubstr("nx-signal migrate"));
}

TEST_F(PostgresSchemaTest, ASchemaNameIsQuotedNotPasted) {
  options_.schema = R"(odd "name"; --)";
  const auto migrated = migrate_postgres(options_);
  ASSERT_TRUE(migrated) << migrated.error().message;
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->ingest(one("a")));
  EXPECT_EQ(store->page(page_of("u1"))->rows.size(), 1U);
}

TEST_F(PostgresSchemaTest, TablesOfVersionOneGetAnEpochAndLetTheirProgramsRunOn) {
  PostgresRaw raw(database_.url());
  auto before = open();
  ASSERT_TRUE(before->ingest(one("a")));
  raw.run(
      R"(ALTER TABLE signal."ActivitySchema" DROP COLUMN epoch; DROP TABLE signal."ActivityRevocation", signal."ActivityUpkeep",
               signal."ActivityBroadcast", signal."ActivityInboxMonth";
             UPDATE signal."ActivitySchema" SET version = 1)");
  EXPECT_FALSE(open_postgres_notifications(options_));

  const auto migrated = migrate_postgres(options_);

  ASSERT_TRUE(migrated) << migrated.error().message;
  EXPECT_NE(migrated->find("upgraded from version 1 to version 6"), std::string::npos) << *migrated;
  const auto count = open()->unread_count({"u1"});
  EXPECT_EQ(count->count, 1);
  EXPECT_EQ(count->epoch.size(), 16U);
  raw.run(R"(DO $$ BEGIN ASSERT (SELECT oldest_program FROM signal."ActivitySchema") = 1; END $$)");
}

}  // namespace
}  // namespace nx::store
