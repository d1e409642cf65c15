#include "store/database.hpp"

namespace nx::store {
namespace {

using namespace std::chrono_literals;
using Use = Database::Use;

std::chrono::milliseconds statement_timeout(Use use) {
  return use == Use::reader || use == Use::probe ? 2s : 5s;
}

const char* application_name(Use use) {
  switch (use) {
    case Use::ingest:
      return "nx-signal ingest";
    case Use::broadcasts:
      return "nx-signal broadcasts";
    case Use::reader:
      return "nx-signal reader";
    case Use::probe:
      return "nx-signal probe";
    case Use::maintenance:
      break;
  }
  return "nx-signal maintenance";
}

SqliteOptions for_use(SqliteOptions options, Use use) {
  options.statement_timeout = statement_timeout(use);
  return options;
}

PostgresOptions for_use(PostgresOptions options, Use use) {
  options.statement_timeout = statement_timeout(use);
  options.application_name = application_name(use);
  return options;
}

auto open_repositories(const SqliteOptions& options) {
  return open_sqlite_repositories(options);
}
auto open_repositories(const PostgresOptions& options) {
  return open_postgres_repositories(options);
}
auto open_maintenance(const SqliteOptions& options) {
  return open_sqlite_maintenance(options);
}
auto open_maintenance(const PostgresOptions& options) {
  return open_postgres_maintenance(options);
}

}  // namespace

Database Database::sqlite(const std::string& path, const DatabaseOptions& given) {
  SqliteOptions options;
  options.path = path;
  options.membership_variants = given.membership_variants;
  // SQLite has no schemas: identity.PolicyDefinition is the table PolicyDefinition.
  options.policy_table = given.policy_table.substr(given.policy_table.rfind('.') + 1);
  return {options, "sqlite:" + path};
}

Result<Database> Database::of(const DatabaseOptions& given) {
  if (given.url.starts_with("postgresql://") || given.url.starts_with("postgres://")) {
    PostgresOptions options;
    options.url = given.url;
    options.schema = given.schema;
    options.policy_table = given.policy_table;
    options.membership_variants = given.membership_variants;
    return Database(options, given.shown);
  }
  auto path = sqlite_path(given.url, given.shown);
  if (!path) return error_of(path);
  return sqlite(*path, given);
}

Result<std::string> Database::migrate(const LongWork& work) const {
  if (const SqliteOptions* options = sqlite_options()) return migrate_sqlite(*options);
  return migrate_postgres(std::get<PostgresOptions>(options_), work);
}

Result<std::string> Database::renew_epoch() const {
  if (const SqliteOptions* options = sqlite_options()) return renew_sqlite_epoch(*options);
  return renew_postgres_epoch(std::get<PostgresOptions>(options_));
}

Result<Repositories> Database::repositories(Use use) const {
  return std::visit([use](const auto& all) { return open_repositories(for_use(all, use)); }, options_);
}

Result<std::unique_ptr<Maintenance>> Database::maintenance() const {
  return std::visit([](const auto& all) { return open_maintenance(for_use(all, Use::maintenance)); }, options_);
}

Result<std::vector<std::string>> Database::policy_lacks() const {
  if (const auto* postgres = std::get_if<PostgresOptions>(&options_)) {
    return audit_postgres_policies(for_use(*postgres, Use::probe));
  }
  return std::vector<std::string>{};
}

}  // namespace nx::store
