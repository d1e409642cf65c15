#pragma once
// The end of months: what is live in them is archived, then they leave their tables and are dropped
// (docs/data-model.md#months).

#include "store/postgres/partitions.hpp"
#include "store/postgres/turn.hpp"

namespace nx::store::postgres {

class Retention {
 public:
  explicit Retention(Turn& turn) : turn_(turn), db_(turn.db) {}

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

  Turn& turn_;
  Connection& db_;
};

}  // namespace nx::store::postgres
