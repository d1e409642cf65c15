#pragma once
// The columns of a notification, and of its row in an inbox, as the statements of both databases select them. A result
// is read by these names; each enum is in the order of its text.

#include <string_view>

namespace nx::store {

/// From `n`, a notification. A statement may select further columns after these.
inline constexpr std::string_view kNotificationColumns =
    "n.id, n.key, n.type, n.title, n.body, n.data, n.extra, n.recipient_scope, n.organizer_id, n.merchant_id, "
    "n.actor_id, n.occurred_at, n.created_at, n.modified_at";
struct NotificationColumn {
  enum : int {
    id,
    key,
    type,
    title,
    body,
    data,
    extra,
    scope,
    organizer_id,
    merchant_id,
    actor_id,
    occurred_at,
    created_at,
    modified_at,
    end,
  };
};

/// The columns after those of the notification: its row in an inbox.
struct EntryColumn {
  enum : int { seq = NotificationColumn::end, archived_at, read_at };
};

}  // namespace nx::store
