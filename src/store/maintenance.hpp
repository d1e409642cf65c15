#pragma once
// Maintenance of a store: partitions, retention, old keys, and the audit of the counters
// (docs/data-model.md#maintenance). SQLite and PostgreSQL implement it. One object is one connection, used by one
// thread at a time; calls block.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"
#include "store/long_work.hpp"

namespace nx::store {

struct MaintenancePlan {
  std::size_t retention_days = 0;       // SIGNAL_RETENTION_DAYS; 0 keeps everything
  std::size_t months_ahead = 3;         // months whose partitions are created in advance (PostgreSQL)
  std::chrono::hours key_age{30 * 24};  // idempotency keys older than this are purged
  // Revocations older than this are purged too. It is longer than any token should live; a token that lives longer
  // becomes valid again.
  std::chrono::hours revocation_age{366 * 24};
  std::chrono::milliseconds budget{30'000};  // no new slice begins after it
  std::stop_token stopping{};                // a stop request has the same effect
  std::function<EpochMs()> clock = now_wall;
};

struct MaintenanceReport {
  bool elsewhere = false;  // another instance holds the maintenance lock: nothing was done here
  bool finished = true;    // false: the budget ran out, call again soon
  bool busy = false;       // a table was in use: no instance changes the tables for tables_back_off (PostgreSQL)
  std::chrono::milliseconds tables_back_off{0};  // see `busy`
  std::size_t partitions_made = 0, partitions_dropped = 0;
  std::int64_t live_rows_removed = 0;  // live rows that retention removed from inboxes and their counters
  std::int64_t rows_deleted = 0;       // recipients and notifications (SQLite)
  std::int64_t keys_purged = 0;
  std::int64_t revocations_purged = 0;
  // above 0 there is an alert: a partition was missing (PostgreSQL); set even with `elsewhere`
  std::int64_t rows_in_default = 0;
  std::optional<EpochMs> database_time{};  // the server's clock (PostgreSQL)
  std::optional<Error> failed{};           // the first part that failed; the other parts were done
};

/// A user whose counters differ from a recount of their rows.
struct WrongCounters {
  UserId user;
  std::int64_t live = 0, unread = 0, last_seq = 0;                 // as stored
  std::int64_t rows_live = 0, rows_unread = 0, rows_last_seq = 0;  // as counted
};

struct Audit {
  std::int64_t users = 0;
  std::vector<WrongCounters> wrong;  // at most 100
  std::int64_t wrong_users = 0;      // the total
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;

  /// Safe at any time beside ingest and readers, and by several instances at once.
  virtual Result<MaintenanceReport> run(const MaintenancePlan& plan) = 0;

  /// Counts every user's rows and compares them with the counters, user by user in consistent snapshots. If `work` ends
  /// early, the result is that of the users so far.
  virtual Result<Audit> audit(const LongWork& work) = 0;
  Result<Audit> audit() { return audit(LongWork{}); }

  /// Sets the counters that audit() finds wrong to the counted values (last_seq only upwards). Returns the number of
  /// repaired users.
  virtual Result<std::int64_t> recount(const LongWork& work) = 0;
  Result<std::int64_t> recount() { return recount(LongWork{}); }
};

}  // namespace nx::store
