#include "model/room_name.hpp"

#include <string>

namespace nx {
namespace {

constexpr MemberRoomKind kKinds[] = {MemberRoomKind::organizer, MemberRoomKind::merchant};
constexpr std::string_view kChannelPrefix = "ws:";

constexpr std::string_view prefix_of(MemberRoomKind kind) {
  switch (kind) {
    case MemberRoomKind::organizer:
      return "org:";
    case MemberRoomKind::merchant:
      return "merchant:";
  }
  return {};
}

bool is_room_of_all(std::string_view name) {
  return name == kDefaultRoom || name == kNotificationRoom;
}

}  // namespace

std::optional<MemberRoom> parse_member_room(std::string_view name) {
  for (const MemberRoomKind kind : kKinds) {
    const std::string_view prefix = prefix_of(kind);
    if (name.starts_with(prefix) && name.size() > prefix.size()) return MemberRoom{kind, name.substr(prefix.size())};
  }
  return std::nullopt;
}

std::optional<RoomName> member_room(MemberRoomKind kind, std::string_view id) {
  if (id.empty()) return std::nullopt;
  return RoomName{std::string(prefix_of(kind)).append(id)};
}

bool is_room_name(std::string_view name) {
  return is_room_of_all(name) || parse_member_room(name);
}

bool has_channel_prefix(std::string_view name) {
  return name.starts_with(kChannelPrefix);
}

bool is_reserved_name(std::string_view name) {
  for (const MemberRoomKind kind : kKinds) {
    if (name.starts_with(prefix_of(kind))) return true;
  }
  return is_room_of_all(name) || has_channel_prefix(name);
}

}  // namespace nx
