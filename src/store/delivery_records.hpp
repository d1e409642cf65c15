#pragma once
// What the store can tell of what became of one notification: why it was stored, for whom, and when clients said that
// they have it. For operators.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/notification.hpp"

namespace nx::store {

struct StoredNotification {
  Notification notification;
  std::vector<UserId> excluded;       // by the message; they never receive it
  std::optional<std::string> source;  // of the record that stored it; unknown once its key was purged
};

/// A notification in one user's inbox.
struct DeliveryRecord {
  UserId user;
  std::int64_t seq = 0;
  std::optional<EpochMs> delivered_at;  // the first ack
  std::optional<EpochMs> read_at;
  std::optional<EpochMs> archived_at;
};

/// Of some inboxes, in the order of their users' ids, those that have the notification.
struct DeliverySlice {
  std::vector<DeliveryRecord> records;
  std::optional<UserId> reached;  // the last inbox that was looked into; none: there are no more behind it
};

}  // namespace nx::store
