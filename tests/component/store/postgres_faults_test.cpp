// Real faults of a real server: every one ends in an error that says what is wrong, leaves nothing half done, and goes
// away by itself.

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "component/store/postgres_fixture.hpp"
#include "patience.hpp"

namespace nx::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::vector<NewNotification> one(const std::string& source) {
  return {message(source)};
}

PageRequest page_of(const std::string& user) {
  PageRequest request;
  request.user = {user};
  return request;
}

milliseconds since(steady_clock::time_point began) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
}

/// Until it succeeds or the time is up; how long it took.
template <class Attempt>
std::optional<milliseconds> time_to_succeed(Attempt attempt, milliseconds patience) {
  const auto began = steady_clock::now();
  while (since(began) < patience) {
    if (attempt()) return since(began);
    std::this_thread::sleep_for(milliseconds{20});
  }
  return std::nullopt;
}

class PostgresStore : public testing::Test {
 protected:
  void SetUp() override {
    const auto migrated = migrate_postgres(options_);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  std::unique_ptr<ActivityNotificationRepository> open() {
    auto opened = open_postgres_notifications(options_);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  Error refusal() {
    auto opened = open_postgres_notifications(options_);
    return opened ? Error{ErrorKind::invalid, "was opened"} : opened.error();
  }
  /// Rows of each of Signal's tables that ingest writes.
  std::string rows() {
    return *PostgresRaw(database_.url())
                .run(R"(SELECT concat_ws(' ', (SELECT count(*) FROM signal."ActivityNotificationKey"),
                   (SELECT count(*) FROM signal."ActivityNotification"), (SELECT count(*) FROM signal."ActivityInbox"),
                   (SELECT count(*) FROM signal."ActivityNotificationRecipient")))");
  }
  /// Every row inserted into that table takes two seconds, at once or at the commit.
  void make_slow(const std::string& table, const std::string& trigger = "TRIGGER", const std::string& when = "") {
    PostgresRaw(database_.url())
        .run(
            "CREATE FUNCTION signal.nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN "
            "NULL; END $$; CREATE " +
            trigger + " slow AFTER INSERT ON signal.\"" + table + "\" " + when +
            " FOR EACH ROW EXECUTE FUNCTION signal.nap()");
  }
  /// Ends the session of the store that is at work now.
  void end_session_at_work() {
    PostgresRaw raw(database_.url());
    const auto found = time_to_succeed(
        [&] {
          return raw
              .run(
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
                  "application_name = 'nx-signal' AND wait_event = 'PgSleep'")
              .has_value();
        },
        milliseconds{5'000});
    EXPECT_TRUE(found) << "no session at work";
  }

  PostgresDatabase database_;
  PostgresOptions options_ = database_.options();
};

TEST_F(PostgresStore, AWrongPasswordIsUnavailableAndNotShown) {
  const std::size_t at = options_.url.find("signal-secret");
  ASSERT_NE(at, std::string::npos);
  options_.url.replace(at, 13, "not-the-secret");

  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1:"), HasSubstr("28P01"), Not(HasSubstr("not-the-secret"))));
}

TEST_F(PostgresStore, AMissingDatabaseIsUnavailableAndNamed) {
  options_.url = with_database(options_.url, "elsewhere");
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("elsewhere"), HasSubstr("3D000"), Not(HasSubstr("signal-secret"))));
}

TEST_F(PostgresStore, APortWhereNobodyListensIsUnavailable) {
  options_.url = "postgresql://signal:signal-secret@127.0.0.1:1/signal";
  const Error error = refusal();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("127.0.0.1:1/signal"), HasSubstr("refused"), Not(HasSubstr("secret"))));
}

TEST_F(PostgresStore, AUrlThatIsNoneIsInvalidAndNotShown) {
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

TEST_F(PostgresStore, OptionsOfTheUrlReachTheServer) {
  options_.url += "?application_name=from-the-url&sslmode=disable";
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(
      PostgresRaw(database_.url()).run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'from-the-url'"),
      "1");
}

TEST_F(PostgresStore, ADatabaseWithoutTablesNamesTheCommandToRun) {
  options_.schema = "other";
  EXPECT_THAT(refusal().message, AllOf(HasSubstr("other"), HasSubstr("nx-signal migrate")));
}

TEST_F(PostgresStore, ASchemaThatForbidsThisProgramIsRefused) {
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

TEST_F(PostgresStore, ASchemaNameIsQuotedNotPasted) {
  options_.schema = R"(odd "name"; --)";
  const auto migrated = migrate_postgres(options_);
  ASSERT_TRUE(migrated) << migrated.error().message;
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->ingest(one("a")));
  EXPECT_EQ(store->page(page_of("u1"))->rows.size(), 1U);
}

TEST_F(PostgresStore, ARoleThatMayNotWriteIsUnavailable) {
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

TEST_F(PostgresStore, OutOfConnectionsIsUnavailableUntilThereIsOne) {
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

TEST_F(PostgresStore, AReadOnlyDatabaseIsUnavailableForWritersAndComesBack) {
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

TEST_F(PostgresStore, AReadPastItsTimeIsTooBroadAndTheConnectionGoesOn) {
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

TEST_F(PostgresStore, IngestPastItsTimeIsUnavailable) {
  make_slow("ActivityNotificationKey");
  options_.statement_timeout = milliseconds{300};
  auto store = open();

  const auto refused = store->ingest(one("a"));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("57014"));
  EXPECT_EQ(rows(), "0 0 0 0");
}

TEST_F(PostgresStore, WhatTheServerHasAgainstOurOwnRowsIsNoMessagesFault) {
  auto store = open();
  // 54000 is also the answer to every writer once transaction ids run out, and then no message is to blame.
  for (const char* table : {"ActivityNotificationKey", "ActivityNotificationRecipient"}) {
    for (const char* sqlstate : {"54000", "22P04"}) {
      PostgresRaw raw(database_.url());
      raw.run(
          std::string("CREATE FUNCTION signal.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
                      "'not accepting commands' USING ERRCODE = '") +
          sqlstate + "'; END $$; CREATE TRIGGER refuse BEFORE INSERT ON signal.\"" + table +
          "\" FOR EACH ROW EXECUTE FUNCTION signal.refuse()");

      const auto refused = store->ingest(one("a"));

      ASSERT_FALSE(refused) << table;
      EXPECT_EQ(refused.error().kind, ErrorKind::unavailable) << table << ": " << refused.error().message;
      EXPECT_THAT(refused.error().message, HasSubstr(sqlstate));
      EXPECT_EQ(rows(), "0 0 0 0");
      raw.run("DROP FUNCTION signal.refuse CASCADE");
    }
  }
  EXPECT_TRUE(store->ingest(one("a")));
}

TEST_F(PostgresStore, AScopeThatTakesTooLongIsStoredInSmallerStatements) {
  std::vector<std::string> users;
  for (int i = 0; i < 1'500; ++i) users.push_back("user-" + std::to_string(i));
  PostgresRaw(database_.url())
      .run(
          "CREATE FUNCTION signal.nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.0005); RETURN "
          "NULL; END $$; CREATE TRIGGER slow AFTER INSERT ON signal.\"ActivityNotificationRecipient\" FOR EACH ROW "
          "EXECUTE FUNCTION signal.nap()");
  options_.statement_timeout = milliseconds{500};
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
  EXPECT_EQ(rows(), "1 1 1500 1500");
}

TEST_F(PostgresStore, ANewEpochIsReadByConnectionsThatAreOpen) {
  auto store = open();
  const std::string before = store->unread_count({"u1"})->epoch;
  ASSERT_EQ(before.size(), 16U);

  const auto renewed = renew_postgres_epoch(options_);

  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_NE(*renewed, before);
  EXPECT_EQ(store->unread_count({"u1"})->epoch, *renewed);
  ASSERT_TRUE(migrate_postgres(options_));
  EXPECT_EQ(store->unread_count({"u1"})->epoch, *renewed) << "migrate alone keeps it";
}

TEST_F(PostgresStore, TablesOfVersionOneGetAnEpochAndLetTheirProgramsRunOn) {
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

TEST_F(PostgresStore, ALockThatIsHeldTooLongIsUnavailableAndAMessageWaitsForIt) {
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

TEST_F(PostgresStore, WhatJsonbCanNotHoldIsInvalidAndLeavesTheRestAlone) {
  auto store = open();
  for (const std::string& data :
       {std::string{R"({"a":"\u0000"})"}, std::string{R"({"a":1e200000})"}, std::string{R"({"a":"\ud800"})"},
        std::string{"{"}, std::string{"{\"a\":\"\xff\"}"}}) {
    auto batch = std::vector{message("good"), message("bad")};
    batch[1].activity.data = data;
    const auto refused = store->ingest(batch);
    ASSERT_FALSE(refused) << data;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << refused.error().message;
    EXPECT_THAT(refused.error().message, Not(HasSubstr(R"({"a")"))) << "a body has no place in an error";
  }
  auto text = one("bad");
  text[0].activity.title = std::string("a\0b", 3);
  EXPECT_EQ(store->ingest(text).error().kind, ErrorKind::invalid);
  EXPECT_EQ(rows(), "0 0 0 0");
  EXPECT_TRUE(store->ingest(one("good")));
}

TEST_F(PostgresStore, JsonComesBackCompactAndWhole) {
  auto store = open();
  auto item = one("a");
  item[0].activity.data = R"({"text":"a: b, \"c\": \\","list":[1,2.50,{"deep":null}]})";
  const auto stored = store->ingest(item);
  ASSERT_TRUE(stored) << stored.error().message;

  const auto inbox_row = store->find({"u1"}, stored->front().notification.id);
  ASSERT_TRUE(inbox_row && *inbox_row);
  EXPECT_EQ((*inbox_row)->notification.data, R"({"list":[1,2.50,{"deep":null}],"text":"a: b, \"c\": \\"})")
      << "jsonb orders the names";
}

TEST_F(PostgresStore, AHundredThousandRecipientsOfOneMessage) {
  auto store = open();
  std::vector<std::string> users;
  for (int i = 0; i < 100'000; ++i) users.push_back("user-" + std::to_string(i));
  for (const std::int64_t round : {1, 2}) {
    const auto began = steady_clock::now();
    const auto stored = store->ingest(std::vector{message("round/" + std::to_string(round), users)});
    ASSERT_TRUE(stored) << stored.error().message;
    std::cout << "100,000 recipients, round " << round << ": " << since(began).count() << " ms\n";
    ASSERT_EQ(stored->front().recipients.size(), users.size());
    EXPECT_EQ(stored->front().recipients.back().user.value, "user-99999");
    for (const Delivered& delivered : stored->front().recipients) ASSERT_EQ(delivered.seq, round);
  }
  const auto again = store->ingest(std::vector{message("round/2", users)});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->front().outcome, IngestOutcome::redelivered);
  EXPECT_EQ(again->front().recipients.size(), users.size());
  EXPECT_EQ(rows(), "2 2 100000 200000");
}

TEST_F(PostgresStore, ASessionEndedInTheMiddleLeavesNothing) {
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

TEST_F(PostgresStore, ASessionEndedDuringTheCommitIsUnavailable) {
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

TEST_F(PostgresStore, AProgramKilledInTheMiddleLeavesNothing) {
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

TEST_F(PostgresStore, TwoWritersAndMarkersDoNotDeadlock) {
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

TEST(PostgresServerFaults, ARestartedServerIsFoundAgain) {
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

TEST(PostgresServerFaults, AServerThatHangsHoldsNoThreadPastTheTimeOut) {
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
