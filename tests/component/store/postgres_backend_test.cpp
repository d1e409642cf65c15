#include <regex>

#include "component/store/postgres_fixture.hpp"
#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

class PostgresBackend final : public Backend {
 public:
  PostgresBackend() : options_(database_.options()) {}

  Result<std::string> migrate() override { return migrate_postgres(options_); }
  Result<std::string> renew_epoch() override { return renew_postgres_epoch(options_); }
  Result<std::unique_ptr<ActivityNotificationRepository>> open_notifications() override {
    return open_postgres_notifications(options_);
  }
  Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies() override {
    return open_postgres_policies(options_);
  }

  Result<Repositories> open_repositories() override { return open_postgres_repositories(options_); }
  void run(const std::string& script) override {
    PostgresRaw(database_.url()).run(std::regex_replace(script, std::regex("@"), "signal."));
  }

  void replace_policies(const std::vector<PolicyRow>& rows, IdColumns ids) override {
    const std::string id = ids == IdColumns::text ? "text" : "bigint";
    const std::string deleted_at = ids == IdColumns::text ? ", deleted_at timestamptz" : "";
    PostgresRaw raw(database_.url());
    raw.run(R"(CREATE SCHEMA IF NOT EXISTS identity; CREATE TABLE IF NOT EXISTS identity."PolicyDefinition" (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, variant text NOT NULL, subject_type text NOT NULL, subject_id )" +
            id + " NOT NULL, target_type text NOT NULL, target_id " + id + " NOT NULL" + deleted_at +
            R"(); TRUNCATE identity."PolicyDefinition")");
    std::string insert;
    for (const PolicyRow& row : rows) {
      insert +=
          R"(INSERT INTO identity."PolicyDefinition" (variant, subject_type, subject_id, target_type, target_id)" +
          std::string{row.deleted ? ", deleted_at" : ""} + ") VALUES ('" + row.variant + "','" + row.subject_type +
          "','" + row.subject_id + "','" + row.target_type + "','" + row.target_id + "'" +
          (row.deleted ? ", now()" : "") + ");";
    }
    raw.run(insert);
  }

 private:
  PostgresDatabase database_;
  PostgresOptions options_;
};

const BackendFactory kPostgres = [] { return std::make_unique<PostgresBackend>(); };
const auto kName = [](const testing::TestParamInfo<BackendFactory>&) { return std::string{"server"}; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, IngestSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, InboxSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, PoliciesSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, SharingSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, RecentRowsSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, RevocationsSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, DeliveryRecordsSuite, testing::Values(kPostgres), kName);
INSTANTIATE_TEST_SUITE_P(Postgres, BroadcastsSuite, testing::Values(kPostgres), kName);

}  // namespace nx::store
