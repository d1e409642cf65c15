#pragma once
// The organizer or merchant whose members receive an Activity or a stored Notification. Pure, for any thread.

#include <optional>
#include <string>

#include "model/activity.hpp"
#include "model/ids.hpp"
#include "model/notification.hpp"

namespace nx {

/// The id of the organizer or merchant of the scope, a part of the argument. Null for scope `users`, and when the id is
/// missing or empty: then there are no recipients.
const std::string* domain_id(const Activity& activity);
const std::string* domain_id(const Notification& notification);

/// The room of those members; nullopt under the same conditions.
std::optional<RoomName> room_of(const Activity& activity);
std::optional<RoomName> room_of(const Notification& notification);

}  // namespace nx
