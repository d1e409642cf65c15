#pragma once
// The end of months: their live rows are deleted and subtracted from the counters, then the partitions are detached
// from their tables and dropped (docs/data-model.md#months).

#include "store/postgres/maintenance_run.hpp"
#include "store/postgres/partitions.hpp"

namespace nx::store::postgres {

class Retention {
 public:
  explicit Retention(MaintenanceRun& run) : run_(run), db_(run.db) {}

  /// Finishes what an earlier run began, then ends the months that are older than the retention, oldest first.
  Result<void> run();

 private:
  Result<void> finish_earlier(const char* parent);
  Result<void> end_expired();
  /// Deletes the live rows and subtracts them from the counters, slice by slice. Works on a partition and on a table
  /// that was one.
  Result<void> delete_live(Month month);
  /// False: the table is in use, or the run was ended by another instance or the budget.
  Result<bool> end(const char* parent, Month month);
  Result<bool> detach(const char* parent, Month month);
  Result<bool> detach_in_transaction(const char* parent, Month month);
  /// For a partition that is already detached.
  Result<bool> drop(const char* parent, Month month);
  /// Whether a lock time-out applies to a statement outside of a transaction.
  Result<bool> has_session_time_out();

  MaintenanceRun& run_;
  Connection& db_;
};

}  // namespace nx::store::postgres
