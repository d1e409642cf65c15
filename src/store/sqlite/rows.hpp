#pragma once
// The inbox row, and one recipient row joined to its notification, as the statements of this folder read them.

#include <string>

#include "model/notification.hpp"
#include "store/notification_columns.hpp"
#include "store/recipient_row.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<Inbox> read_inbox(Connection& db, const UserId& user);

/// The time at which a row of `r` was read. A row below a mark was read when the first mark that covers it was set.
inline constexpr const char* kReadAt =
    R"(coalesce(r.read_at, CASE WHEN r.reopened = 0 THEN (SELECT m.read_at FROM "ActivityReadMark" m
    WHERE m.user_no = r.user_no AND m.up_to >= r.seq ORDER BY m.up_to LIMIT 1) END))";

/// The columns of an InboxRow from `r` (recipients) and `n` (notifications), in the order of EntryColumn.
inline const std::string kEntryColumns = std::string{kNotificationColumns} + ", r.seq, r.archived_at, " + kReadAt;

/// Its errors are those of scope_of().
Result<InboxRow> read_inbox_row(const Query& row);

/// Reads only the columns before r.seq. Its errors are those of scope_of().
Result<Notification> read_notification(const Query& row);

}  // namespace nx::store::sqlite
