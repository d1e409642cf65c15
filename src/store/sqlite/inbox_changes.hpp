#pragma once
// Changes by a user: read, unread, archived, all read. Each in one write transaction; the counters change by the number
// of rows whose state really changed.

#include <span>

#include "store/activity_notification_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<std::optional<InboxRow>> change_inbox_row(Connection& db, const UserId& user, const NotificationId& id,
                                                 const Change& change);
Result<Marked> mark_read(Connection& db, const UserId& user, std::span<const NotificationId> ids);
Result<Marked> mark_all_read(Connection& db, const UserId& user, std::optional<std::int64_t> up_to_seq);

}  // namespace nx::store::sqlite
