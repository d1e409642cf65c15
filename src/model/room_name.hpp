#pragma once
// The names of rooms (docs/protocol.md#rooms). The only file that knows the prefixes. Pure, for any thread.

#include <optional>
#include <string_view>

#include "model/ids.hpp"

namespace nx {

/// The two rooms that every client is in from the beginning.
inline constexpr const char* kDefaultRoom = "ws-default";
inline constexpr const char* kNotificationRoom = "ws-notification";

enum class MemberRoomKind { organizer, merchant };

/// A room whose members are the members of one organizer or merchant, according to policy rows.
struct MemberRoom {
  MemberRoomKind kind = MemberRoomKind::organizer;
  std::string_view id;  // not empty; a part of the name that was parsed
  friend bool operator==(const MemberRoom&, const MemberRoom&) = default;
};

/// `org:<id>` or `merchant:<id>`. nullopt for any other name and for an empty id: such a name belongs to no room.
std::optional<MemberRoom> parse_member_room(std::string_view name);

/// The name of that room; nullopt for an empty id.
std::optional<RoomName> member_room(MemberRoomKind kind, std::string_view id);

/// Whether it is the name of a room: one of the two rooms of every client, or a member room.
bool is_room_name(std::string_view name);

/// Whether it begins like the channels of the bus: no client may join such a room.
bool has_channel_prefix(std::string_view name);

/// Whether a name could be taken for that of a room or channel, with or without an id: a user with such an id would
/// receive messages for the room, so it is refused.
bool is_reserved_name(std::string_view name);

}  // namespace nx
