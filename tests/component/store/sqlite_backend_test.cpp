// The suites of the repositories on SQLite.

#include <regex>

#include <gtest/gtest.h>

#include "component/store/repository_suite.hpp"
#include "component/store/sqlite_file.hpp"
#include "component/temporary_folder.hpp"

namespace nx::store {
namespace {

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() { options_.path = folder_.file("signal.db"); }

  Result<std::string> migrate() override { return migrate_sqlite(options_); }
  Result<std::string> renew_epoch() override { return renew_sqlite_epoch(options_); }
  Result<std::unique_ptr<ActivityNotificationRepository>> open_notifications() override {
    return open_sqlite_notifications(options_);
  }
  Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies() override {
    return open_sqlite_policies(options_);
  }

  Result<Repositories> open_repositories() override { return open_sqlite_repositories(options_); }
  void run(const std::string& script) override {
    SqliteRaw(options_.path).run(std::regex_replace(script, std::regex("@"), ""));
  }

  void replace_policies(const std::vector<PolicyRow>& rows, IdColumns ids) override {
    if (ids == IdColumns::text) {
      const auto replaced = replace_sqlite_policies(options_, rows);
      EXPECT_TRUE(replaced) << replaced.error().message;
      return;
    }
    SqliteRaw raw(options_.path);
    raw.run(
        R"(CREATE TABLE "PolicyDefinition" (id INTEGER PRIMARY KEY, variant TEXT, subject_type TEXT, subject_id INTEGER,
                 target_type TEXT, target_id INTEGER))");  // and no deleted_at
    for (const PolicyRow& row : rows) {
      raw.run(
          R"(INSERT INTO "PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id) VALUES (')" +
          row.variant + "','" + row.subject_type + "'," + row.subject_id + ",'" + row.target_type + "'," +
          row.target_id + ")");
    }
  }

  SqliteOptions options_;

 private:
  test::TemporaryFolder folder_;
};

const BackendFactory kSqlite = [] { return std::make_unique<SqliteBackend>(); };
const auto kName = [](const testing::TestParamInfo<BackendFactory>&) { return std::string{"file"}; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, IngestSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, InboxSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, PoliciesSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, SharingSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, RecentRowsSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, RevocationsSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, DeliveryRecordsSuite, testing::Values(kSqlite), kName);
INSTANTIATE_TEST_SUITE_P(Sqlite, BroadcastsSuite, testing::Values(kSqlite), kName);

}  // namespace nx::store
