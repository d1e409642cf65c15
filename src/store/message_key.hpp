#pragma once
// The key that makes two messages the same, and the row that a new message becomes; shared by both implementations.

#include <array>
#include <cstdint>
#include <string_view>

#include "model/activity.hpp"
#include "model/notification.hpp"
#include "model/result.hpp"

namespace nx::store {

using MessageKey = std::array<std::uint8_t, 16>;

/// SHA-256/128 of 0x01‖type‖0‖id, or of 0x02‖source, where a record that repeats another has that one's source: no `id`
/// can collide with a source.
MessageKey message_key(const Activity& activity);

Notification new_notification(const Activity& activity, const NotificationId& id, EpochMs now);

/// Parses the text of the recipient_scope column. The error (kind unavailable): another version wrote a scope that this
/// one does not know.
Result<RecipientScope> scope_of(std::string_view text);

}  // namespace nx::store
