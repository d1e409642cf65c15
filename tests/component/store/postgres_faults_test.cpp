// Sessions, programs and servers that end in the middle: nothing is left half done, and the error goes away by itself.

#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "component/store/postgres_faults_fixture.hpp"
#include "patience.hpp"

namespace nx::store {
namespace {

using testing::HasSubstr;
using PostgresFaultsTest = PostgresStore;

TEST_F(PostgresFaultsTest, ASessionEndedInTheMiddleLeavesNothing) {
  make_slow("ActivityNotificationRecipient");
  auto store = open();
  std::thread end([&] { end_session_at_work(); });
  const auto refused = store->ingest(one("a"));
  end.join();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(rows(), "0 0 0 0");
  PostgresRaw(database_.url()).run("DROP FUNCTION signal.nap CASCADE");
  EXPECT_EQ(store->ingest(one("a"))->front().outcome, IngestOutcome::stored) << "the connection comes back at once";
}

TEST_F(PostgresFaultsTest, ASessionEndedDuringTheCommitIsUnavailable) {
  make_slow("ActivityNotificationKey", "CONSTRAINT TRIGGER", "DEFERRABLE INITIALLY DEFERRED");
  auto store = open();
  std::thread end([&] { end_session_at_work(); });
  const auto refused = store->ingest(one("a"));
  end.join();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("unknown"));
  EXPECT_EQ(rows(), "0 0 0 0");
}

TEST_F(PostgresFaultsTest, AProgramKilledInTheMiddleLeavesNothing) {
  make_slow("ActivityNotificationRecipient");
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_postgres_notifications(options_);
    if (store) (void)(*store)->ingest(one("a"));
    ::_exit(0);
  }
  PostgresRaw raw(database_.url());
  const std::string at_work =
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
  EXPECT_TRUE(time_to_succeed([&] { return raw.run(at_work).has_value(); }, milliseconds{5'000}));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(time_to_succeed([&] { return !raw.run(at_work).has_value(); }, milliseconds{5'000}));

  EXPECT_EQ(rows(), "0 0 0 0");
  PostgresRaw(database_.url()).run("DROP FUNCTION signal.nap CASCADE");
  EXPECT_EQ(open()->ingest(one("a"))->front().outcome, IngestOutcome::stored);
}

TEST(PostgresFaultsOfTheServer, ARestartedServerIsFoundAgain) {
  PostgresServer server;
  ASSERT_TRUE(migrate_postgres(server.options()));
  auto store = std::move(*open_postgres_notifications(server.options()));
  ASSERT_TRUE(store->ingest(one("a")));

  server.command("immediate");
  const auto away = store->unread_count({"u1"});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, ErrorKind::unavailable);
  const auto began = steady_clock::now();
  EXPECT_FALSE(store->ingest(one("b")));
  EXPECT_LT(since(began), kPatience * milliseconds{300}) << "calls fail quickly meanwhile";

  server.command("start");
  const auto back = time_to_succeed([&] { return store->ingest(one("b")).has_value(); }, milliseconds{10'000});
  ASSERT_TRUE(back);
  std::cout << "ingest again " << back->count() << " ms after the start\n";
  EXPECT_EQ(store->recount({"u1"})->count, 2);

  // A server that restarts while nobody asks costs no error at all.
  server.command("stop");
  server.command("start");
  const auto count = store->unread_count({"u1"});
  EXPECT_TRUE(count) << count.error().message;
}

TEST(PostgresFaultsOfTheServer, AServerThatHangsHoldsNoThreadPastTheTimeOut) {
  PostgresServer server;
  ASSERT_TRUE(migrate_postgres(server.options()));
  PostgresOptions options = server.options();
  options.statement_timeout = milliseconds{1'000};
  auto writer = std::move(*open_postgres_notifications(options));
  auto reader = std::move(*open_postgres_notifications(options));
  ASSERT_TRUE(writer->ingest(one("a")) && reader->unread_count({"u1"}));

  server.command("pause");
  auto began = steady_clock::now();
  const auto read = reader->unread_count({"u1"});
  EXPECT_LT(since(began), kPatience * milliseconds{2'000});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
  began = steady_clock::now();
  const auto written = writer->ingest(one("b"));
  EXPECT_LT(since(began), kPatience * milliseconds{2'000});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::unavailable);
  began = steady_clock::now();
  EXPECT_FALSE(open_postgres_notifications(options));
  EXPECT_LT(since(began), kPatience * milliseconds{2'000}) << "nor does one that hangs at the greeting";

  server.command("resume");
  const auto back = time_to_succeed([&] { return writer->ingest(one("b")).has_value(); }, milliseconds{10'000});
  ASSERT_TRUE(back);
  std::cout << "ingest again " << back->count() << " ms after the server went on\n";
  EXPECT_TRUE(time_to_succeed([&] { return reader->unread_count({"u1"}).has_value(); }, milliseconds{5'000}));
  EXPECT_EQ(reader->recount({"u1"})->count, 2);
}

}  // namespace
}  // namespace nx::store
