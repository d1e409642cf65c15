#pragma once
// Monthly partitions of notifications and recipients, by the time in their UUIDv7.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// The two partitioned tables; the notifications' column is `id`.
inline constexpr const char* kNotifications = "ActivityNotification";
inline constexpr const char* kRecipients = "ActivityNotificationRecipient";

/// A calendar month in UTC.
struct Month {
  int year = 1970;
  int month = 1;  // 1–12
  friend auto operator<=>(const Month&, const Month&) = default;

  /// As the tables keep it: from January of year 0 on.
  std::int64_t number() const { return std::int64_t{year} * 12 + month - 1; }
  static Month of_number(std::int64_t number);

  Month plus(int months) const;
  EpochMs begin() const;
  NotificationId first_id() const;  // the lowest UUIDv7 of the month
};

Month month_of(EpochMs time);
Month month_of(const NotificationId& id);  // in which its rows lie

/// `<table>_2026_11`.
std::string partition_name(const char* table, Month month);

/// Of the months whose partitions exist (of `table`), oldest first.
Result<std::vector<Month>> months_present(Connection& db, const std::string& schema, const char* table);

/// What retention has taken, or begun to take, off its table.
struct EndedMonth {
  Month month;
  bool half_attached = false;  // a DETACH … CONCURRENTLY that was not finished
};
/// The comment by which a partition is known to be retention's: nobody else's table is ever dropped.
inline constexpr std::string_view kEndedComment = "nx-signal: retention has ended";
Result<std::vector<EndedMonth>> months_ended(Connection& db, const std::string& schema, const char* table);

/// A wait for a lock on a table ends after that, as everybody behind it waits too.
inline constexpr std::string_view kShortLocks = "SELECT set_config('lock_timeout', '50', true)";
inline constexpr std::string_view kLockNotAvailable = "55P03";

/// Whether rows of that month lie in the default partition: they keep the month's own from being attached.
Result<bool> has_strays(Connection& db, const std::string& schema, const char* table, Month month);

/// Within a transaction: the partition of that month, attached beside readers and writers.
Result<void> make_partition(Connection& db, const std::string& schema, const char* table, Month month);

/// The SQLSTATE of a row without a partition (a check violation that names no constraint).
inline constexpr std::string_view kNoSuchPartition = "23514";

/// For a writer whose rows have nowhere to go: the month of both tables, unless somebody has made it meanwhile.
Result<void> make_missing_month(Connection& db, const std::string& schema, Month month);

/// Tables of version 3 and before have a DEFAULT partition, beside which no month is made or dropped without a lock
/// that readers meet (docs/data-model.md#months). Within a transaction: takes it off its table. Its rows, if they are
/// few, go into their months. True when there is none (any more); false when it has too many rows, and stays.
Result<bool> retire_default(Connection& db, const std::string& schema, const char* table);

}  // namespace nx::store::postgres
