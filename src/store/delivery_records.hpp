#pragma once
// The delivery history of one notification, for operators: why it was stored, for whom, and when clients acknowledged
// it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/notification.hpp"

namespace nx::store {

struct StoredNotification {
  Notification notification;
  std::vector<UserId> excluded;       // by the message; these users never receive it
  std::optional<std::string> source;  // the record that stored it; unknown after its key was purged
};

/// A notification in one user's inbox.
struct DeliveryRecord {
  UserId user;
  std::int64_t seq = 0;
  std::optional<EpochMs> delivered_at;  // the first ack
  std::optional<EpochMs> read_at;
  std::optional<EpochMs> archived_at;
};

/// The users among a range of inboxes, ordered by user id, who have the notification.
struct DeliverySlice {
  std::vector<DeliveryRecord> records;
  std::optional<UserId> reached;  // the last inbox that was looked at; nullopt: there are no more after it
};

}  // namespace nx::store
