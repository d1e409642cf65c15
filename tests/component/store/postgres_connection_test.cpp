// An address, a role or a server that does not let the program in or does not let it write: the error says why and
// shows no password.

#include <chrono>
#include <unistd.h>

#include <gmock/gmock.h>

#include "component/store/postgres_faults_fixture.hpp"

namespace nx::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using PostgresConnectionTest = PostgresStore;

TEST_F(PostgresConnectionTest, AWrongPasswordIsUnavailableAndNotShown) {
  const std::size_t at = options_.url.find("signal-secret");
  ASSERT_NE(at, std::string::npos);
  options_.url.replace(at, 13, "not-the-secret");

  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1:"), HasSubstr("28P01"), Not(HasSubstr("not-the-secret"))));
}

TEST_F(PostgresConnectionTest, AMissingDatabaseIsUnavailableAndNamed) {
  options_.url = with_database(options_.url, "elsewhere");
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("elsewhere"), HasSubstr("3D000"), Not(HasSubstr("signal-secret"))));
}

TEST_F(PostgresConnectionTest, APortWhereNobodyListensIsUnavailable) {
  options_.url = "postgresql://signal:signal-secret@127.0.0.1:1/signal";
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1:1/signal"), HasSubstr("refused"), Not(HasSubstr("secret"))));
}

TEST_F(PostgresConnectionTest, AUrlThatIsNoneIsInvalidAndNotShown) {
  for (const char* url : {"postgresql://signal:se cret@host:port/signal", "postgresql://signal:p@ss-secret@host/signal",
                          "postgresql://signal:sec/secret@host/signal", "postgresql://signal:5/secret@host/signal",
                          "postgresql://signal:5/sec/secret@host/signal",
                          "postgresql://signal:secret@host/signal?no_such_option=1", "secret"}) {
    options_.url = url;
    const Error error = refusal();
    EXPECT_EQ(error.kind, ErrorKind::invalid) << url;
    EXPECT_THAT(error.message, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("cret@")))) << url;
  }
}

TEST_F(PostgresConnectionTest, OptionsOfTheUrlReachTheServer) {
  options_.url += "?application_name=from-the-url&sslmode=disable";
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(
      PostgresRaw(database_.url()).run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'from-the-url'"),
      "1");
}

TEST_F(PostgresConnectionTest, ARoleThatMayNotWriteIsUnavailable) {
  const std::string role = "reader_" + std::to_string(::getpid());
  PostgresRaw raw(database_.url());
  raw.run("CREATE ROLE " + role + " LOGIN PASSWORD 'signal-secret'; GRANT USAGE ON SCHEMA signal TO " + role +
          "; GRANT SELECT ON ALL TABLES IN SCHEMA signal TO " + role);
  options_.url.replace(options_.url.find("signal:"), 6, role);
  {
    auto store = open();
    ASSERT_TRUE(store);
    EXPECT_TRUE(store->unread_count({"u1"}));
    const auto refused = store->ingest(one("a"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("42501"));
  }
  raw.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_F(PostgresConnectionTest, OutOfConnectionsIsUnavailableUntilThereIsOne) {
  const std::string role = "limited_" + std::to_string(::getpid());
  PostgresRaw raw(database_.url());
  raw.run("CREATE ROLE " + role + " SUPERUSER LOGIN PASSWORD 'signal-secret'; ALTER ROLE " + role +
          " NOSUPERUSER CONNECTION LIMIT 1; "
          "GRANT USAGE ON SCHEMA signal TO " +
          role + "; GRANT ALL ON ALL TABLES IN SCHEMA signal TO " + role);
  options_.url.replace(options_.url.find("signal:"), 6, role);
  {
    auto first = open();
    ASSERT_TRUE(first);
    const Error error = refusal();
    EXPECT_EQ(error.kind, ErrorKind::unavailable);
    EXPECT_THAT(error.message, HasSubstr("53300"));
    first.reset();
    EXPECT_TRUE(
        time_to_succeed([&] { return open_postgres_notifications(options_).has_value(); }, milliseconds{3'000}));
  }
  time_to_succeed(
      [&] { return raw.run("SELECT count(*) FROM pg_stat_activity WHERE usename = '" + role + "'") == "0"; },
      milliseconds{3'000});
  raw.run("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_F(PostgresConnectionTest, AReadOnlyDatabaseIsUnavailableForWritersAndComesBack) {
  auto store = open();
  ASSERT_TRUE(store && store->ingest(one("before")));
  PostgresRaw raw(database_.url());
  raw.run(
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END "
      "$$");
  auto later = open();

  const auto refused = later->ingest(one("during"));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("25006"));
  EXPECT_EQ(later->unread_count({"u1"})->count, 1) << "readers go on";
  raw.run(
      "SET default_transaction_read_only = off; "
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END "
      "$$");
  // The session that read keeps the setting it was born with until a write drops it.
  EXPECT_TRUE(time_to_succeed([&] { return later->ingest(one("after")).has_value(); }, milliseconds{3'000}));
  EXPECT_EQ(later->recount({"u1"})->count, 2);
}

}  // namespace
}  // namespace nx::store
