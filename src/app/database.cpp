#include "app/database.hpp"

#include "app/sqlite_location.hpp"
#include "app/url_redaction.hpp"

namespace nx::app {
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

store::SqliteOptions for_use(store::SqliteOptions options, Use use) {
  options.statement_timeout = statement_timeout(use);
  return options;
}

store::PostgresOptions for_use(store::PostgresOptions options, Use use) {
  options.statement_timeout = statement_timeout(use);
  options.application_name = application_name(use);
  return options;
}

auto open_repositories(const store::SqliteOptions& options) {
  return store::open_sqlite_repositories(options);
}
auto open_repositories(const store::PostgresOptions& options) {
  return store::open_postgres_repositories(options);
}
auto open_maintenance(const store::SqliteOptions& options) {
  return store::open_sqlite_maintenance(options);
}
auto open_maintenance(const store::PostgresOptions& options) {
  return store::open_postgres_maintenance(options);
}

}  // namespace

Database Database::sqlite(const std::string& path, const Configuration& configuration) {
  store::SqliteOptions options;
  options.path = path;
  options.membership_variants = configuration.membership_variants;
  // SQLite has no schemas: identity.PolicyDefinition is the table PolicyDefinition.
  options.policy_table = configuration.policy_table.substr(configuration.policy_table.rfind('.') + 1);
  return {options, "sqlite:" + path};
}

Result<Database> Database::of(const Configuration& configuration) {
  const std::string& url = configuration.database_url;
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    store::PostgresOptions options;
    options.url = url;
    options.schema = configuration.database_schema;
    options.policy_table = configuration.policy_table;
    options.membership_variants = configuration.membership_variants;
    return Database(options, redact_url(url));
  }
  auto path = sqlite_path(url);
  if (!path) return error_of(path);
  return sqlite(*path, configuration);
}

std::string Database::shown() const {
  return shown_;
}

Result<std::string> Database::migrate() const {
  if (const store::SqliteOptions* options = sqlite_options()) return store::migrate_sqlite(*options);
  return store::migrate_postgres(std::get<store::PostgresOptions>(options_));
}

Result<std::string> Database::renew_epoch() const {
  if (const store::SqliteOptions* options = sqlite_options()) return store::renew_sqlite_epoch(*options);
  return store::renew_postgres_epoch(std::get<store::PostgresOptions>(options_));
}

Result<store::Repositories> Database::repositories(Use use) const {
  return std::visit([use](const auto& all) { return open_repositories(for_use(all, use)); }, options_);
}

Result<std::unique_ptr<store::Maintenance>> Database::maintenance() const {
  return std::visit([](const auto& all) { return open_maintenance(for_use(all, Use::maintenance)); }, options_);
}

Result<std::vector<std::string>> Database::policy_lacks() const {
  if (const auto* postgres = std::get_if<store::PostgresOptions>(&options_)) {
    return store::audit_postgres_policies(for_use(*postgres, Use::probe));
  }
  return std::vector<std::string>{};
}

}  // namespace nx::app
