#include "store/message_key.hpp"

#include <algorithm>
#include <string>

#include <fmt/core.h>

#include "crypto/digest.hpp"

namespace nx::store {

MessageKey message_key(const Activity& activity) {
  std::string text;
  if (activity.key) {
    text.append(1, '\x01').append(activity.type).append(1, '\0').append(*activity.key);
  } else {
    text.append(1, '\x02').append(activity.replay_of.value_or(activity.source));
  }
  const auto digest = crypto::sha256(text);
  MessageKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

Notification new_notification(const Activity& activity, const NotificationId& id, EpochMs now) {
  return {
      .id = id,
      .key = activity.key,
      .type = activity.type,
      .title = activity.title,
      .body = activity.body,
      .data = activity.data,
      .extra = activity.extra,
      .scope = activity.scope,
      .organizer_id = activity.organizer_id,
      .merchant_id = activity.merchant_id,
      .actor_id = activity.actor_id,
      .occurred_at = activity.occurred_at,
      .created_at = now,
      .modified_at = now,
  };
}

Result<RecipientScope> scope_of(std::string_view text) {
  if (const auto scope = recipient_scope(text)) return *scope;
  return fail(ErrorKind::unavailable,
              fmt::format("a notification has the recipient scope '{}', which this version does not know", text));
}

}  // namespace nx::store
