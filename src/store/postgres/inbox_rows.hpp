#pragma once
// Counters, notifications and rows of inboxes out of the rows that the statements return.

#include "model/notification.hpp"
#include "store/postgres/rows.hpp"
#include "store/recipient_row.hpp"

namespace nx::store::postgres {

/// Of the statement inbox, with the epoch; user_no 0 when the user has no row.
Inbox counters_of(const Rows& rows);
/// Of the statement lock_inbox, without the epoch; user_no 0 when there is no row.
Inbox inbox_of(const Rows& rows);

/// The columns of kNotificationColumns. The error is scope_of's, also of those below.
Result<Notification> notification_of(const Rows& rows, int row);

/// Those, and behind them seq, archived_at and when it was read: of the first `count` rows.
Result<std::vector<InboxRow>> inbox_rows_of(const Rows& rows, int count);
/// Of the one row that there is, if any.
Result<std::optional<InboxRow>> maybe_inbox_row(const Rows& rows);
std::int64_t seq_of(const Rows& rows, int row);

}  // namespace nx::store::postgres
