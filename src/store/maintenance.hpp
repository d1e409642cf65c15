#pragma once
// What keeps a store healthy over months, and what proves that its counters tell the truth
// (docs/data-model.md#maintenance). Two implementations: SQLite and PostgreSQL. One object is one connection, used by
// one thread at a time; calls block.

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

namespace nx::store {

struct MaintenancePlan {
  std::size_t retention_days = 0;       // SIGNAL_RETENTION_DAYS; 0 keeps everything
  std::size_t months_ahead = 3;         // partitions made before they are needed (PostgreSQL)
  std::chrono::hours key_age{30 * 24};  // idempotency keys older than this are purged
  // So are revocations: longer than any token should live. A token that lives longer is good again then.
  std::chrono::hours revocation_age{366 * 24};
  std::chrono::milliseconds budget{30'000};  // stops between two slices when it is used up
  std::stop_token stopping{};                // the same, when somebody waits for the end
  std::function<EpochMs()> clock = now_wall;
};

struct MaintenanceReport {
  bool elsewhere = false;  // another instance is at it: nothing was done here
  bool finished = true;    // false: the budget ran out, call again soon
  bool busy = false;       // a table was in use: left alone from now on, by all instances (PostgreSQL)
  std::chrono::milliseconds tables_back_off{0};  // that long
  std::size_t partitions_made = 0, partitions_dropped = 0;
  std::int64_t rows_archived = 0;  // live rows that retention took out of inboxes, counters with them
  std::int64_t rows_deleted = 0;   // recipients and notifications (SQLite)
  std::int64_t keys_purged = 0;
  std::int64_t revocations_purged = 0;
  std::int64_t rows_in_default = 0;        // > 0 is an alert: a partition was missing (PostgreSQL); `elsewhere` too
  std::optional<EpochMs> database_time{};  // by the server's own clock (PostgreSQL)
  std::optional<Error> failed{};           // the first part that could not be done; the others were
};

/// A user whose counters differ from a recount of their rows.
struct WrongCounters {
  UserId user;
  std::int64_t live = 0, unread = 0, last_seq = 0;                 // as kept
  std::int64_t rows_live = 0, rows_unread = 0, rows_last_seq = 0;  // as counted
};

struct Audit {
  std::int64_t users = 0;
  std::vector<WrongCounters> wrong;  // at most 100
  std::int64_t wrong_users = 0;      // all of them
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;

  /// Safe at any time beside ingest and readers, and by several instances at once.
  virtual Result<MaintenanceReport> run(const MaintenancePlan& plan) = 0;

  /// Counts every user's rows and holds them against the counters, user by user in consistent snapshots.
  virtual Result<Audit> audit() = 0;

  /// Sets what audit() finds wrong to what was counted (last_seq only upwards). Returns the number of users repaired.
  virtual Result<std::int64_t> recount() = 0;
};

}  // namespace nx::store
