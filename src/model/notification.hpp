#pragma once
// A Notification is a stored Activity; an InboxRow is one user's row for it, with that user's own sequence
// (docs/data-model.md#what-is-promised).

#include <cstdint>
#include <optional>
#include <string>

#include "model/activity.hpp"
#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx {

struct Notification {
  NotificationId id;
  std::optional<std::string> key;
  std::string type;
  std::string title;
  std::optional<std::string> body;
  std::optional<std::string> data;   // compact JSON object
  std::optional<std::string> extra;  // compact JSON object
  RecipientScope scope = RecipientScope::users;
  std::optional<std::string> organizer_id;
  std::optional<std::string> merchant_id;
  std::optional<std::string> actor_id;
  std::optional<EpochMs> occurred_at;
  EpochMs created_at;
  EpochMs modified_at;
};

struct InboxRow {
  Notification notification;
  std::int64_t seq = 0;  // ≥ 1, per user, in commit order
  std::optional<EpochMs> read_at;
  std::optional<EpochMs> archived_at;
};

/// The counter row of one user.
struct UnreadCount {
  std::int64_t count = 0;  // unread and not archived
  std::int64_t seq = 0;    // the user's newest seq; 0 before the first row
  std::string epoch;       // the epoch of the database; a `seq` is meaningless in another epoch
};

}  // namespace nx
