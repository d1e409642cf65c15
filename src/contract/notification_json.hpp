#pragma once
// A notification as clients see it, in REST and in hints (docs/notifications.md#reading-back): member order id, key,
// seq, type, title, body, data, recipientScope, organizerId, merchantId, actorId, occurredAt, createdAt, modifiedAt,
// readAt, archivedAt, extra. Absent values are null.

#include <string>

#include "model/notification.hpp"
#include "model/notification_field.hpp"

namespace nx::contract {

/// The row as REST returns it, or some of its fields, in the same order.
void append_inbox_row(std::string& out, const InboxRow& row, NotificationFields shown = NotificationFields::all());

/// The row of a hint: the same without `seq`, `readAt` and `archivedAt` null. The same for every recipient, made once.
void append_notification(std::string& out, const Notification& notification);

inline constexpr const char* kCreatedEvent = "observation/signal/notification/created";
inline constexpr const char* kUpdatedEvent = "observation/signal/notification/updated";

/// `{"event":"observation/signal/notification/created","data":{…}` and the traceparent member if any: everything but
/// the recipient's own
/// `,"seq":N,"unread":N}`, which fanout appends.
std::string hint_head(const Notification& notification, const std::optional<std::string>& traceparent);

/// A catch-up hint: the complete text for one stored row, `data` as in hint_head, with `seq` (no `unread`).
std::string missed_hint(const InboxRow& row);

}  // namespace nx::contract
