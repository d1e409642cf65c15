#pragma once
// A notification in the form that clients get, in REST and in hints (docs/notifications.md#reading-back). The
// members and their order are those of model/notification_field.hpp. Absent values are null.

#include <string>

#include "model/notification.hpp"
#include "model/notification_field.hpp"

namespace nx::contract {

/// Appends the row as REST returns it, or only the fields of `shown`, in the same order.
void append_inbox_row(std::string& out, const InboxRow& row, NotificationFields shown = NotificationFields::all());

/// Appends the `data` of a hint: without `seq`, and with null for `readAt` and `archivedAt`. It is the same for every
/// recipient and is made once.
void append_notification(std::string& out, const Notification& notification);

inline constexpr const char* kCreatedEvent = "observation/signal/notification/created";
inline constexpr const char* kUpdatedEvent = "observation/signal/notification/updated";

/// `{"event":"observation/signal/notification/created","data":{…}` and the traceparent member if there is one: all of
/// the hint except the recipient's own `,"seq":N,"unread":N}`, which append_hint_tail() appends.
std::string hint_head(const Notification& notification, const std::optional<std::string>& traceparent);

/// The complete text of a catch-up hint for one stored row: `data` as in hint_head, then `seq`; no `unread`.
std::string missed_hint(const InboxRow& row);

}  // namespace nx::contract
