#pragma once
// The end of months: what is live in them is archived, then they leave their tables and are dropped
// (docs/data-model.md#months).

#include "store/postgres/maintenance_run.hpp"
#include "store/postgres/partitions.hpp"

namespace nx::store::postgres {

class Retention {
 public:
  explicit Retention(MaintenanceRun& run) : run_(run), db_(run.db) {}

  /// What an earlier run began, then the months that ended before the retention begins, oldest first.
  Result<void> run();

 private:
  Result<void> finish_earlier(const char* parent);
  Result<void> end_expired();
  /// In a partition, or in a table that was one; counters with them.
  Result<void> archive_live(Month month);
  /// False: the table is in use, or another instance or the budget ended it.
  Result<bool> end(const char* parent, Month month);
  Result<bool> detach(const char* parent, Month month);
  Result<bool> detach_in_transaction(const char* parent, Month month);
  /// Of a month that is off its table.
  Result<bool> drop(const char* parent, Month month);
  /// Whether a wait of a statement that is no part of a transaction would end.
  Result<bool> has_session_time_out();

  MaintenanceRun& run_;
  Connection& db_;
};

}  // namespace nx::store::postgres
