#pragma once
// Which messages of a batch, and which users of a broadcast's slice, get rows in inboxes, and in which order. The
// InboxWriter of each database writes them: postgres/inbox_writer.hpp, sqlite/inbox_writer.hpp.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "store/activity_notification_repository.hpp"

namespace nx::store {

inline bool is_new(const IngestResult& result) {
  return result.outcome == IngestOutcome::stored;
}

/// Whether its recipients get rows with the batch, and not slice by slice as those of a broadcast.
inline bool gets_rows_now(const NewNotification& item, const IngestResult& result) {
  return is_new(result) && !item.later;
}

/// For all recipients of the batch. `results`: those of `batch`, in its order.
template <class InboxWriter>
Result<void> reserve_rows(InboxWriter& inboxes, std::span<const NewNotification> batch,
                          std::span<const IngestResult> results) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!gets_rows_now(batch[i], results[i])) continue;
    for (const UserId& user : batch[i].recipients) inboxes.want(user);
  }
  return inboxes.reserve();
}

/// After reserve(): a row of the notification for each user, in this order.
template <class InboxWriter>
Result<std::vector<Delivered>> add_rows(InboxWriter& inboxes, std::span<const UserId> users, const NotificationId& id) {
  std::vector<Delivered> rows;
  rows.reserve(users.size());
  for (const UserId& user : users) {
    auto delivered = inboxes.add(user, id);
    if (!delivered) return error_of(delivered);
    rows.push_back(std::move(*delivered));
  }
  return rows;
}

/// After reserve_rows() with the same batch: its rows, noted in `results`.
template <class InboxWriter>
Result<void> add_rows(InboxWriter& inboxes, std::span<const NewNotification> batch, std::span<IngestResult> results) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!gets_rows_now(batch[i], results[i])) continue;
    auto rows = add_rows(inboxes, batch[i].recipients, results[i].notification.id);
    if (!rows) return error_of(rows);
    results[i].recipients = std::move(*rows);
  }
  return {};
}

}  // namespace nx::store
