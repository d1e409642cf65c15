#pragma once
// What makes two messages the same one, and the row that a new one becomes; the same in both implementations.

#include <array>
#include <cstdint>
#include <string_view>

#include "model/activity.hpp"
#include "model/notification.hpp"
#include "model/result.hpp"

namespace nx::store {

using MessageKey = std::array<std::uint8_t, 16>;

/// SHA-256/128 of 0x01‖type‖0‖id, or 0x02‖source: no `id` can reach the namespace of sources.
MessageKey message_key(const Activity& activity);

Notification new_notification(const Activity& activity, const NotificationId& id, EpochMs now);

/// From the text of the recipient_scope column. The error (kind unavailable): another version wrote a scope that this
/// one does not know.
Result<RecipientScope> scope_of(std::string_view text);

}  // namespace nx::store
