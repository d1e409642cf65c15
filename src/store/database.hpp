#pragma once
// The kind of database that a URL names, and how each part of the program opens it. A third kind of database is added
// here.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/result.hpp"
#include "store/long_work.hpp"
#include "store/maintenance.hpp"
#include "store/postgres_store.hpp"
#include "store/repositories.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store {

/// The URLs that Database::of() accepts begin with one of these.
inline constexpr std::array<std::string_view, 3> kDatabaseSchemes{"postgresql://", "postgres://", "sqlite:"};

struct DatabaseOptions {
  std::string url;                               // SIGNAL_DATABASE_URL: postgresql://… or sqlite:PATH
  std::string shown;                             // the URL without userinfo and query, for messages
  std::string schema;                            // SIGNAL_DATABASE_SCHEMA
  std::string policy_table;                      // SIGNAL_POLICY_TABLE: [schema.]table
  std::vector<std::string> membership_variants;  // SIGNAL_POLICY_MEMBERSHIP_VARIANTS
};

/// Immutable; any thread.
class Database {
 public:
  /// The purpose of a connection. It decides the name in pg_stat_activity and the statement time-out: 5 s, for REST 2 s
  /// (docs/data-model.md#connections-time-and-failure).
  enum class Use { ingest, broadcasts, reader, probe, maintenance };

  /// Kind invalid: the URL has an unknown scheme.
  static Result<Database> of(const DatabaseOptions& options);
  /// An SQLite file, whatever the URL of the options says (`dev`).
  static Database sqlite(const std::string& path, const DatabaseOptions& options);

  /// An embedded database is a file of this process: it has one writer at a time and serves one instance only.
  bool is_embedded() const { return sqlite_options() != nullptr; }
  /// Null for PostgreSQL.
  const SqliteOptions* sqlite_options() const { return std::get_if<SqliteOptions>(&options_); }
  /// The product, as the attribute `db.system.name` of OpenTelemetry names it.
  const char* product() const { return is_embedded() ? "sqlite" : "postgresql"; }
  const std::string& shown() const { return shown_; }  // the URL without userinfo and query

  /// On SQLite this is one slice. If `work` ends early, the result is an error; the next call does the rest.
  Result<std::string> migrate(const LongWork& work = {}) const;
  Result<std::string> renew_epoch() const;
  Result<Repositories> repositories(Use use) const;
  Result<std::unique_ptr<Maintenance>> maintenance() const;
  /// The defects of the policy table for its readers, one sentence each.
  Result<std::vector<std::string>> policy_lacks() const;

 private:
  using Options = std::variant<SqliteOptions, PostgresOptions>;
  Database(Options options, std::string shown) : options_(std::move(options)), shown_(std::move(shown)) {}

  Options options_;
  std::string shown_;
};

}  // namespace nx::store
