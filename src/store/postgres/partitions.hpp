#pragma once
// Monthly partitions of notifications and recipients, by the timestamp of their UUIDv7.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// The two partitioned tables, by the notification's id: the column `id` of the first, `notification_id` of the second.
inline constexpr const char* kNotifications = "ActivityNotification";
inline constexpr const char* kRecipients = "ActivityNotificationRecipient";

/// A calendar month in UTC.
struct Month {
  int year = 1970;
  int month = 1;  // 1–12
  friend auto operator<=>(const Month&, const Month&) = default;

  /// The form in the tables: months since January of year 0.
  std::int64_t number() const { return std::int64_t{year} * 12 + month - 1; }
  static Month of_number(std::int64_t number);

  Month plus(int months) const;
  EpochMs begin() const;
  NotificationId first_id() const;  // the lowest UUIDv7 of the month
};

Month month_of(EpochMs time);
Month month_of(const NotificationId& id);  // the month of the partition that holds its rows

/// `<table>_2026_11`.
std::string partition_name(const char* table, Month month);

/// The months whose partitions of `table` exist, oldest first.
Result<std::vector<Month>> months_present(Connection& db, const std::string& schema, const char* table);

/// A partition that retention has detached from its table, or begun to detach.
struct EndedMonth {
  Month month;
  bool half_attached = false;  // a DETACH … CONCURRENTLY that did not finish
};
/// This comment on a table marks a partition that retention detaches; a table without it is never dropped.
inline constexpr std::string_view kEndedComment = "nx-signal: retention has ended";
Result<std::vector<EndedMonth>> months_ended(Connection& db, const std::string& schema, const char* table);

/// The lock time-out for tables: short, because all later statements on the table queue behind the
/// one that waits.
inline constexpr std::string_view kShortLocks = "SELECT set_config('lock_timeout', '50', true)";

/// Whether the default partition holds rows of that month: they keep the month's own partition from being attached.
Result<bool> has_strays(Connection& db, const std::string& schema, const char* table, Month month);

/// Creates the partition of that month and attaches it without blocking readers and writers. Used within a transaction.
Result<void> make_partition(Connection& db, const std::string& schema, const char* table, Month month);

/// For a writer whose rows have no partition: creates the month in both tables, unless another process has done so.
Result<void> make_missing_month(Connection& db, const std::string& schema, Month month);

/// Detaches the DEFAULT partition that tables of version 3 and before have; while it exists, months can be created and
/// dropped only with a lock that blocks readers (docs/data-model.md#months). Moves its rows, if they are few, into
/// their months. Used within a transaction. True when there is no default partition (any more); false when it has too
/// many rows and therefore stays.
Result<bool> retire_default(Connection& db, const std::string& schema, const char* table);

}  // namespace nx::store::postgres
