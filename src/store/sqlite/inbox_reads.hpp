#pragma once
// Reads for a user: pages, one row, counters, missed rows. Each in one snapshot.

#include "store/activity_notification_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<Page> read_page(Connection& db, const PageRequest& request);
Result<Missed> read_missed(Connection& db, const UserId& user, std::int64_t since, std::size_t limit);
Result<std::vector<Grown>> read_grown(Connection& db, std::span<const UserId> users, EpochMs since, std::size_t rows);
Result<UnreadCount> count_rows(Connection& db, const UserId& user);

/// Within a transaction of the caller or without one.
Result<std::optional<InboxRow>> find_inbox_row(Connection& db, const UserId& user, const NotificationId& id);

}  // namespace nx::store::sqlite
