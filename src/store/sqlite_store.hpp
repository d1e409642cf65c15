#pragma once
// The entry points of the SQLite implementation (one instance only; embedded). Of this module, only sqlite/ includes
// sqlite3.h.

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

/// The PATH of `sqlite:PATH`. Anything else is `invalid`; the message shows `shown` in place of the URL, and the
/// expected form.
Result<std::string> sqlite_path(const std::string& url, const std::string& shown);

/// Creates or upgrades the tables; may be run repeatedly and concurrently. Returns a description of what was done.
Result<std::string> migrate_sqlite(const SqliteOptions& options);

/// Gives migrated tables a new epoch and returns it: clients then discard the `seq` that they stored.
Result<std::string> renew_sqlite_epoch(const SqliteOptions& options);

/// Each call opens connections of its own. Error `unavailable` holds the path and SQLite's reason; if the schema is not
/// migrated, the error names the command to run.
Result<std::unique_ptr<ActivityNotificationRepository>> open_sqlite_notifications(const SqliteOptions& options);
Result<std::unique_ptr<PolicyDefinitionRepository>> open_sqlite_policies(const SqliteOptions& options);
Result<Repositories> open_sqlite_repositories(const SqliteOptions& options);
Result<std::unique_ptr<Maintenance>> open_sqlite_maintenance(const SqliteOptions& options);

/// For the embedded policy table of `dev` and for tests only: replaces all rows of "PolicyDefinition" (created if
/// missing).
struct PolicyRow {
  std::string variant, subject_type, subject_id, target_type, target_id;
  bool deleted = false;
};
Result<void> replace_sqlite_policies(const SqliteOptions& options, const std::vector<PolicyRow>& rows);

}  // namespace nx::store
