#pragma once
// Whose members an Activity or a stored Notification is for. Pure, for any thread.

#include <optional>
#include <string>

#include "model/activity.hpp"
#include "model/ids.hpp"
#include "model/notification.hpp"

namespace nx {

/// The id of the organizer or merchant that the scope means, a part of the argument. Null for scope `users`, and where
/// the id is missing or empty: then nobody is meant.
const std::string* domain_id(const Activity& activity);
const std::string* domain_id(const Notification& notification);

/// The room of those members, on the same terms.
std::optional<RoomName> room_of(const Activity& activity);
std::optional<RoomName> room_of(const Notification& notification);

}  // namespace nx
