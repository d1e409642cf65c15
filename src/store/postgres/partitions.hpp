#pragma once
// Monthly partitions of notifications and recipients, by the time in their UUIDv7.

#include <compare>
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

  Month plus(int months) const;
  EpochMs begin() const;
  NotificationId first_id() const;  // the lowest UUIDv7 of the month
};

Month month_of(EpochMs time);

/// `<table>_2026_11`.
std::string partition_name(const char* table, Month month);

/// Of the months whose partitions exist (of `table`), oldest first.
Result<std::vector<Month>> months_present(Connection& db, const std::string& schema, const char* table);

/// Whether rows of that month lie in the default partition: they keep the month's own from being attached.
Result<bool> has_strays(Connection& db, const std::string& schema, const char* table, Month month);

/// Within a transaction: the partition of that month, attached beside readers and writers.
Result<void> make_partition(Connection& db, const std::string& schema, const char* table, Month month);

}  // namespace nx::store::postgres
