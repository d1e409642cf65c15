#pragma once
// The SQLite implementation's door (one instance only; embedded). sqlite3.h is seen in store/sqlite/ alone.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "store/activity_notification_repository.hpp"
#include "store/maintenance.hpp"
#include "store/policy_definition_repository.hpp"
#include "store/repositories.hpp"

namespace nx::store {

struct SqliteOptions {
  std::string path;  // a file; no in-memory databases: readers have connections of their own
  std::vector<std::string> membership_variants{"join_domain", "group"};  // SIGNAL_POLICY_MEMBERSHIP_VARIANTS
  std::chrono::milliseconds statement_timeout{5'000};                    // connections of REST use 2 s
  std::string policy_table{"PolicyDefinition"};                          // SIGNAL_POLICY_TABLE, without a schema
};

/// The PATH of `sqlite:PATH`. `invalid`, with `shown` for the URL and the form it should have, for anything else.
Result<std::string> sqlite_path(const std::string& url, const std::string& shown);

/// Creates or upgrades the tables; safe twice and side by side. The message says what was done.
Result<std::string> migrate_sqlite(const SqliteOptions& options);

/// Gives migrated tables another epoch and returns it: clients forget the `seq` that they kept.
Result<std::string> renew_sqlite_epoch(const SqliteOptions& options);

/// Each call opens its own connection. Error `unavailable` with the path and SQLite's reason; a schema that was not
/// migrated says so and names the command to run.
Result<std::unique_ptr<ActivityNotificationRepository>> open_sqlite_notifications(const SqliteOptions& options);
Result<std::unique_ptr<PolicyDefinitionRepository>> open_sqlite_policies(const SqliteOptions& options);
Result<Repositories> open_sqlite_repositories(const SqliteOptions& options);
Result<std::unique_ptr<Maintenance>> open_sqlite_maintenance(const SqliteOptions& options);

/// For the embedded policy table of `dev` and tests only: replaces all rows of "PolicyDefinition" (created when
/// absent).
struct PolicyRow {
  std::string variant, subject_type, subject_id, target_type, target_id;
  bool deleted = false;
};
Result<void> replace_sqlite_policies(const SqliteOptions& options, const std::vector<PolicyRow>& rows);

}  // namespace nx::store
