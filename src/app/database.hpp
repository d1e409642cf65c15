#pragma once
// Which database the configuration names, and how each part of the program opens it. The one place that knows both.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/configuration.hpp"
#include "model/result.hpp"
#include "store/maintenance.hpp"
#include "store/postgres_store.hpp"
#include "store/repositories.hpp"
#include "store/sqlite_store.hpp"

namespace nx::app {

class Database {
 public:
  /// What a connection is for: its name in pg_stat_activity and its statement time-out: 5 s, REST 2 s
  /// (docs/data-model.md#connections-time-and-failure).
  enum class Use { ingest, broadcasts, reader, probe, maintenance };

  /// Kind invalid: SIGNAL_DATABASE_URL is of no known form.
  static Result<Database> of(const config::Configuration& configuration);
  /// An SQLite file, whatever the configuration's URL says (`dev`).
  static Database sqlite(const std::string& path, const config::Configuration& configuration);

  /// Null for PostgreSQL.
  const store::SqliteOptions* sqlite_options() const { return std::get_if<store::SqliteOptions>(&options_); }
  std::string shown() const;  // the URL without userinfo and query

  Result<std::string> migrate() const;
  Result<std::string> renew_epoch() const;
  Result<store::Repositories> repositories(Use use) const;
  Result<std::unique_ptr<store::Maintenance>> maintenance() const;
  /// What the policy table lacks for its readers, a sentence each.
  Result<std::vector<std::string>> policy_lacks() const;

 private:
  using Options = std::variant<store::SqliteOptions, store::PostgresOptions>;
  Database(Options options, std::string shown) : options_(std::move(options)), shown_(std::move(shown)) {}

  Options options_;
  std::string shown_;
};

}  // namespace nx::app
