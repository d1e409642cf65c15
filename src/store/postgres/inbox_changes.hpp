#pragma once
// Reading, archiving and marking: the inbox row is locked first, then rows and counters change in one transaction.

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<std::optional<InboxRow>> change_inbox_row(Connection& db, const Statements& sql, const UserId& user,
                                                 const NotificationId& id, const Change& change);
Result<Marked> mark_read(Connection& db, const Statements& sql, const UserId& user,
                         std::span<const NotificationId> ids);
Result<Marked> mark_all_read(Connection& db, const Statements& sql, const UserId& user,
                             std::optional<std::int64_t> up_to_seq);

}  // namespace nx::store::postgres
