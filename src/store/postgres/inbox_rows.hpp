#pragma once
// Converts the rows that statements return into counters, notifications and inbox rows.

#include "model/notification.hpp"
#include "store/postgres/rows.hpp"
#include "store/recipient_row.hpp"

namespace nx::store::postgres {

/// For the statement inbox, which includes the epoch; user_no is 0 when the user has no row.
Inbox counters_of(const Rows& rows);
/// For the statement lock_inbox, without the epoch; user_no is 0 when there is no row.
Inbox inbox_of(const Rows& rows);

/// Expects the columns of kNotificationColumns. Its errors, and those of the functions below, are those of scope_of().
Result<Notification> notification_of(const Rows& rows, int row);

/// Expects these columns, then seq, archived_at and read_at; converts the first `count` rows.
Result<std::vector<InboxRow>> inbox_rows_of(const Rows& rows, int count);
/// The only row, if there is one.
Result<std::optional<InboxRow>> maybe_inbox_row(const Rows& rows);
std::int64_t seq_of(const Rows& rows, int row);

}  // namespace nx::store::postgres
