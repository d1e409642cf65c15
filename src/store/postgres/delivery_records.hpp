#pragma once
// The delivery history of a notification: its source, the users who have it, and the acknowledgements of clients.

#include <span>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<std::int64_t> acknowledge(Connection& db, const Statements& sql, std::span<const Acknowledgement> batch);
Result<std::optional<StoredNotification>> read_stored_notification(Connection& db, const Statements& sql,
                                                                   const NotificationId& id);
Result<std::optional<DeliveryRecord>> read_delivery(Connection& db, const Statements& sql, const UserId& user,
                                                    const NotificationId& id);
Result<DeliverySlice> read_deliveries(Connection& db, const Statements& sql, const NotificationId& id,
                                      const UserId& after, std::size_t inboxes);

}  // namespace nx::store::postgres
