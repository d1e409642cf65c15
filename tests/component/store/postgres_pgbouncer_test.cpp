// A real PgBouncer in transaction mode between the store and its server: each transaction may get another session.

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "component/eventually.hpp"
#include "component/free_port.hpp"
#include "component/store/postgres_fixture.hpp"

namespace nx::store {
namespace {

/// Two sessions on the server for any number of clients. It accepts clients when the constructor returns.
class PgBouncer {
 public:
  explicit PgBouncer(const std::string& server_url) {
    std::string pattern = (std::filesystem::temp_directory_path() / "signal-pgbouncer-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const std::size_t at = server_url.rfind('@');
    const std::size_t slash = server_url.rfind('/');
    const std::string server = server_url.substr(at + 1, slash - at - 1);
    const std::string database = server_url.substr(slash + 1);
    const int port = nx::testing::free_port();
    std::ofstream(folder_ / "users") << "\"signal\" \"signal-secret\"\n";
    std::ofstream(folder_ / "ini") << "[databases]\n* = host=127.0.0.1 port=" << server.substr(server.find(':') + 1)
                                   << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << port
                                   << "\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = "
                                   << (folder_ / "users").string()
                                   << "\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 50\n";
    url_ = "postgresql://signal:signal-secret@127.0.0.1:" + std::to_string(port) + "/" + database;
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all | std::filesystem::perms::others_read |
                                              std::filesystem::perms::others_exec);
    pid_ = ::fork();
    if (pid_ == 0) {
      const std::string log = (folder_ / "log").string();
      if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(1);
      const std::string ini = (folder_ / "ini").string();
      // It refuses to run as root.
      if (::getuid() == 0)
        ::execlp("setpriv", "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "pgbouncer",
                 ini.c_str(), nullptr);
      ::execlp("pgbouncer", "pgbouncer", ini.c_str(), nullptr);
      ::_exit(127);
    }
    EXPECT_TRUE(nx::testing::eventually([this] { return ::PQping(url_.c_str()) == PQPING_OK; }));
  }
  ~PgBouncer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;

  const std::string& url() const { return url_; }

 private:
  std::filesystem::path folder_;
  std::string url_;
  pid_t pid_ = 0;
};

TEST(PostgresPgbouncer, EverythingWorksOnSharedSessions) {
  PostgresDatabase database;
  const PgBouncer bouncer(database.url());
  PostgresOptions options;
  options.url = bouncer.url();
  const auto migrated = migrate_postgres(options);
  ASSERT_TRUE(migrated) << migrated.error().message;
  PostgresRaw(database.url())
      .run(R"(CREATE SCHEMA identity; CREATE TABLE identity."PolicyDefinition" (variant text, subject_type text,
    subject_id text, target_type text, target_id text);
    INSERT INTO identity."PolicyDefinition" VALUES ('join_domain', 'User', 'u1', 'Organizer', 'o1'))");

  constexpr int kThreads = 5;
  constexpr int kRounds = 40;
  std::atomic<int> failures{0};
  std::string reasons[kThreads];
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      auto store = open_postgres_notifications(options);
      auto policies = open_postgres_policies(options);
      const auto failed = [&](const Error& error) {
        ++failures;
        reasons[t] = error.message;
      };
      if (!store) return failed(store.error());
      if (!policies) return failed(policies.error());
      for (int i = 0; i < kRounds; ++i) {
        NewNotification item;
        item.activity.source = std::to_string(t) + "/" + std::to_string(i);
        item.activity.type = "t";
        item.activity.title = "x";
        item.recipients = {{"u1"}, {"own-" + std::to_string(t)}};
        const auto stored = (*store)->ingest(std::vector{item});
        if (!stored) return failed(stored.error());
        PageRequest page;
        page.user = {"u1"};
        if (const auto read = (*store)->page(page); !read) return failed(read.error());
        if (const auto members = (*policies)->users_of_organizer("o1", 1'000); !members || members->size() != 1) {
          return failed(members ? Error{ErrorKind::invalid, "members"} : members.error());
        }
        const auto changed = (*store)->change({"u1"}, stored->front().notification.id, {.read = true, .archived = {}});
        if (!changed) return failed(changed.error());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  for (const std::string& reason : reasons) EXPECT_EQ(reason, "");
  EXPECT_EQ(failures, 0);
  auto store = open_postgres_notifications(options);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->unread_count({"u1"})->seq, kThreads * kRounds);
  EXPECT_EQ((*store)->unread_count({"u1"})->count, 0);
  EXPECT_EQ((*store)->recount({"u1"})->count, 0);
  EXPECT_EQ((*store)->recount({"own-0"})->count, kRounds);
}

TEST(PostgresPgbouncer, MonthsAreMadeAndEnd) {
  PostgresDatabase database;
  const PgBouncer bouncer(database.url());
  ASSERT_TRUE(migrate_postgres(database.options()));
  PostgresRaw raw(database.url());
  add_month(raw, 4);
  PostgresOptions options;
  options.url = bouncer.url();
  auto maintenance = open_postgres_maintenance(options);
  ASSERT_TRUE(maintenance) << maintenance.error().message;
  MaintenancePlan plan;
  plan.months_ahead = 4;
  plan.retention_days = 31;

  const auto report = (*maintenance)->run(plan);

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->failed) << report->failed->message;
  EXPECT_EQ(report->partitions_made, 2U);
  EXPECT_EQ(report->partitions_dropped, 2U);
}

}  // namespace
}  // namespace nx::store
