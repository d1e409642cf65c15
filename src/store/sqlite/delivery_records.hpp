#pragma once
// The delivery history of a notification: its source, the users who have it, and the acknowledgements of clients.

#include <span>

#include "store/activity_notification_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<std::int64_t> acknowledge(Connection& db, std::span<const Acknowledgement> batch);
Result<std::optional<StoredNotification>> read_stored_notification(Connection& db, const NotificationId& id);
Result<std::optional<DeliveryRecord>> read_delivery(Connection& db, const UserId& user, const NotificationId& id);
Result<DeliverySlice> read_deliveries(Connection& db, const NotificationId& id, const UserId& after,
                                      std::size_t inboxes);

}  // namespace nx::store::sqlite
