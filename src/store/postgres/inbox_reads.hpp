#pragma once
// Pages, single rows and counters, each from one snapshot. One round trip each, except that a page may need more
// (docs/data-model.md#months-of-an-inbox).

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<Page> read_page(Connection& db, const Statements& sql, const PageRequest& request);
Result<Missed> read_missed(Connection& db, const Statements& sql, const UserId& user, std::int64_t since,
                           std::size_t limit);
Result<std::vector<Grown>> read_grown(Connection& db, const Statements& sql, std::span<const UserId> users,
                                      EpochMs since, std::size_t rows);
Result<std::optional<InboxRow>> find_inbox_row(Connection& db, const Statements& sql, const UserId& user,
                                               const NotificationId& id);
Result<UnreadCount> read_counters(Connection& db, const Statements& sql, const UserId& user);
Result<UnreadCount> count_rows(Connection& db, const Statements& sql, const UserId& user);

}  // namespace nx::store::postgres
