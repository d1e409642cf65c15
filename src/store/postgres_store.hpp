#pragma once
// The entry points of the PostgreSQL implementation. Of this module, only postgres/ includes libpq-fe.h.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "model/result.hpp"
#include "store/activity_notification_repository.hpp"
#include "store/long_work.hpp"
#include "store/maintenance.hpp"
#include "store/policy_definition_repository.hpp"
#include "store/repositories.hpp"
#include "store/silent_hosts.hpp"

namespace nx::store {

struct PostgresOptions {
  std::string url;                                                       // postgresql://…; never logged unredacted
  std::string schema{"signal"};                                          // SIGNAL_DATABASE_SCHEMA
  std::string policy_table{"identity.PolicyDefinition"};                 // SIGNAL_POLICY_TABLE: [schema.]table
  std::vector<std::string> membership_variants{"join_domain", "group"};  // SIGNAL_POLICY_MEMBERSHIP_VARIANTS
  std::chrono::milliseconds statement_timeout{5'000};                    // connections of REST use 2 s
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds session_lock_timeout{0};  // for statements outside of transactions; 0: the server's default
  std::string application_name{"nx-signal"};          // in pg_stat_activity
  // shared by all connections with these options
  std::shared_ptr<SilentHosts> silent_hosts = std::make_shared<SilentHosts>();
};

/// Pure. `invalid` names the fault: a parameter that libpq does not know, an invalid port. It never quotes the URL,
/// because a wrongly written password could be in any part of it.
Result<void> check_postgres_url(const std::string& url);

/// Creates or upgrades the tables; may be run repeatedly and concurrently. Returns a description of what was done. If
/// `work` ends early, the result is an error; the next call does the rest.
Result<std::string> migrate_postgres(const PostgresOptions& options, const LongWork& work = {});

/// Gives migrated tables a new epoch and returns it: clients then discard the `seq` that they stored.
Result<std::string> renew_postgres_epoch(const PostgresOptions& options);

/// Each call opens its own connection and checks the schema. Error `unavailable` holds host, port, database and the
/// server's reason (never the password). A schema that is not migrated, or that forbids this program, is an error that
/// names the command to run. A connection that breaks later reconnects at a later call; until then calls fail quickly
/// with `unavailable`.
Result<std::unique_ptr<ActivityNotificationRepository>> open_postgres_notifications(const PostgresOptions& options);
Result<std::unique_ptr<PolicyDefinitionRepository>> open_postgres_policies(const PostgresOptions& options);
/// All repositories for one thread, on one connection.
Result<Repositories> open_postgres_repositories(const PostgresOptions& options);
Result<std::unique_ptr<Maintenance>> open_postgres_maintenance(const PostgresOptions& options);

/// For `nx-signal check`: whether the policy table has what its readers need (columns, an index on (variant,
/// target_type, target_id) and on (variant, subject_type, subject_id), plans that use them). One sentence for each
/// defect.
Result<std::vector<std::string>> audit_postgres_policies(const PostgresOptions& options);

}  // namespace nx::store
