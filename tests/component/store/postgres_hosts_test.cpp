// A URL with several hosts: each gets its share of the deadline, and one that says nothing holds nobody up for long.

#include <chrono>
#include <thread>

#include <gmock/gmock.h>

#include "component/store/postgres_fixture.hpp"
#include "component/store/silent_listener.hpp"
#include "patience.hpp"

namespace nx::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using Way = SilentListener::Way;

std::string url_of(const std::vector<std::string>& ports, const std::string& query = {}) {
  std::string hosts;
  for (const std::string& port : ports) hosts += (hosts.empty() ? "127.0.0.1:" : ",127.0.0.1:") + port;
  return "postgresql://signal:signal-secret@" + hosts + "/signal" + query;
}

/// A primary with its streaming copy, made once for all tests that leave both as they are.
class PostgresHosts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    primary_ = new PostgresServer();
    ASSERT_TRUE(migrate_postgres(primary_->options()));
    standby_ = new PostgresServer(PostgresServer::StandbyOf{*primary_});
  }
  static void TearDownTestSuite() {
    delete standby_;
    delete primary_;
  }
  /// The port of the server that a connection with this URL goes to, or why there is none.
  static std::string server_of(const std::string& url) {
    PostgresOptions options;
    options.url = url;
    auto opened = open_postgres_notifications(options);
    if (!opened) return opened.error().message;
    std::string ports;
    for (const PostgresServer* server : {primary_, standby_}) {
      PostgresRaw raw(server->url());
      if (raw.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'nx-signal'")) ports += server->port();
    }
    opened->reset();
    for (const PostgresServer* server : {primary_, standby_}) {
      PostgresRaw raw(server->url());
      while (raw.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'nx-signal'")) {
        std::this_thread::sleep_for(milliseconds{5});
      }
    }
    return ports;
  }

  static PostgresServer* primary_;
  static PostgresServer* standby_;
};
PostgresServer* PostgresHosts::primary_ = nullptr;
PostgresServer* PostgresHosts::standby_ = nullptr;

TEST_F(PostgresHosts, AHostThatSaysNothingIsLeftForTheNextOne) {
  const SilentListener mute(Way::accepts);
  const SilentListener hole(Way::full);

  EXPECT_EQ(server_of(url_of({mute.port(), primary_->port()})), primary_->port());
  EXPECT_EQ(server_of(url_of({hole.port(), primary_->port()})), primary_->port());
  EXPECT_EQ(server_of(url_of({hole.port(), mute.port(), primary_->port()})), primary_->port());
}

TEST_F(PostgresHosts, TheSameHoldsForARoleOfTheServer) {
  const SilentListener hole(Way::full);
  const std::vector<std::string> ports{hole.port(), standby_->port(), primary_->port()};

  EXPECT_EQ(server_of(url_of(ports, "?target_session_attrs=read-write")), primary_->port());
  EXPECT_EQ(server_of(url_of(ports, "?target_session_attrs=primary")), primary_->port());
  EXPECT_EQ(server_of(url_of(ports, "?target_session_attrs=any")), standby_->port());
  EXPECT_EQ(server_of(url_of(ports, "?target_session_attrs=standby")), standby_->port());
  EXPECT_EQ(server_of(url_of({hole.port(), primary_->port(), standby_->port()}, "?target_session_attrs=read-only")),
            standby_->port());
  EXPECT_EQ(
      server_of(url_of({hole.port(), primary_->port(), standby_->port()}, "?target_session_attrs=prefer-standby")),
      standby_->port());
  EXPECT_EQ(server_of(url_of({hole.port(), primary_->port()}, "?target_session_attrs=prefer-standby")),
            primary_->port());
}

TEST_F(PostgresHosts, OfSeveralHostsThePrimaryIsMeantUnlessTheUrlSaysOtherwise) {
  EXPECT_EQ(server_of(url_of({standby_->port(), primary_->port()})), primary_->port());
  EXPECT_EQ(server_of(url_of({standby_->port()})), standby_->port()) << "one host is taken as it is";
}

TEST_F(PostgresHosts, WhoeverWasAskedIsNamedWithItsReason) {
  const SilentListener hole(Way::full);
  PostgresOptions options;
  options.url = url_of({hole.port(), standby_->port(), "1"});
  options.statement_timeout = milliseconds{1'000};

  const auto began = steady_clock::now();
  const auto refused = open_postgres_notifications(options);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("127.0.0.1:" + hole.port() + "/signal: does not answer in time"));
  EXPECT_THAT(refused.error().message, HasSubstr("hot standby"));
  EXPECT_THAT(refused.error().message, HasSubstr("Connection refused"));
  EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("signal-secret")));
  EXPECT_LT(steady_clock::now() - began, kPatience * milliseconds{2'000}) << "all hosts share one deadline";
}

TEST_F(PostgresHosts, ANameThatNobodyKnowsIsLeftForTheNextOne) {
  EXPECT_EQ(server_of("postgresql://signal:signal-secret@nowhere.invalid:1,127.0.0.1:" + primary_->port() + "/signal"),
            primary_->port());
  EXPECT_EQ(server_of("postgresql://signal:signal-secret@localhost:" + primary_->port() + "/signal"), primary_->port());
}

TEST_F(PostgresHosts, AHostsOwnTimeOutIsKept) {
  const SilentListener first(Way::full);
  const SilentListener second(Way::full);
  PostgresOptions options;
  options.url = url_of({first.port(), second.port()}, "?connect_timeout=1");
  options.statement_timeout = options.connect_timeout = milliseconds{600'000};
  EXPECT_FALSE(open_postgres_notifications(options)) << "and not after five minutes each";
}

TEST_F(PostgresHosts, ListsThatDoNotGoTogetherAreRefused) {
  for (const char* url : {"postgresql://u@a,b,c/d?port=1,2", "postgresql://u@a,b/d?hostaddr=10.0.0.1"}) {
    const auto checked = check_postgres_url(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_THAT(checked.error().message, HasSubstr("fewer or more ports or addresses"));
  }
  EXPECT_TRUE(check_postgres_url("postgresql://u@a,b/d?port=5433"));
  EXPECT_TRUE(check_postgres_url("postgresql://u@a:1,b:2/d?hostaddr=10.0.0.1,10.0.0.2"));
}

TEST(PostgresHostsFailover, WhatOneConnectionLearnsSparesTheOthersTheWait) {
  PostgresServer primary;
  ASSERT_TRUE(migrate_postgres(primary.options()));
  PostgresServer standby(PostgresServer::StandbyOf{primary});
  PostgresOptions options;
  options.url = url_of({primary.port(), standby.port()});
  options.statement_timeout = milliseconds{2'000};
  auto first = std::move(*open_postgres_notifications(options));
  auto second = std::move(*open_postgres_notifications(options));
  ASSERT_TRUE(first->ingest(std::vector{message("a")}) && second->unread_count({"u1"}));
  while (PostgresRaw(standby.url()).run(R"(SELECT count(*) FROM signal."ActivityNotification")") != "1") {
    std::this_thread::sleep_for(milliseconds{5});
  }

  primary.command("pause");
  standby.command("promote");
  const auto lost = first->ingest(std::vector{message("b")});
  const auto stored = first->ingest(std::vector{message("b")});
  const auto read = second->unread_count({"u1"});
  primary.command("resume");

  ASSERT_FALSE(lost) << "nothing could be known before";
  ASSERT_TRUE(stored) << stored.error().message << ": the next call is with the other host";
  ASSERT_TRUE(read) << read.error().message << ": this connection had not noticed anything yet";
  EXPECT_EQ(read->count, 2);
}

}  // namespace
}  // namespace nx::store
