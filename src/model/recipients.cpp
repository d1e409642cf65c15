#include "model/recipients.hpp"

#include "model/room_name.hpp"

namespace nx {
namespace {

const std::string* given(const std::optional<std::string>& id) {
  return id && !id->empty() ? &*id : nullptr;
}

template <class Message>
const std::string* domain_id_of(const Message& message) {
  switch (message.scope) {
    case RecipientScope::organizer:
      return given(message.organizer_id);
    case RecipientScope::merchant:
      return given(message.merchant_id);
    case RecipientScope::users:
      return nullptr;
  }
  return nullptr;
}

template <class Message>
std::optional<RoomName> room_of_message(const Message& message) {
  const std::string* id = domain_id_of(message);
  if (!id) return std::nullopt;
  switch (message.scope) {
    case RecipientScope::organizer:
      return member_room(MemberRoomKind::organizer, *id);
    case RecipientScope::merchant:
      return member_room(MemberRoomKind::merchant, *id);
    case RecipientScope::users:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

const std::string* domain_id(const Activity& activity) {
  return domain_id_of(activity);
}

const std::string* domain_id(const Notification& notification) {
  return domain_id_of(notification);
}

std::optional<RoomName> room_of(const Activity& activity) {
  return room_of_message(activity);
}

std::optional<RoomName> room_of(const Notification& notification) {
  return room_of_message(notification);
}

}  // namespace nx
