#pragma once
// How rooms are named (docs/protocol.md#rooms). The only place that knows the prefixes. Pure, for any thread.

#include <optional>
#include <string_view>

#include "model/ids.hpp"

namespace nx {

/// The two rooms that every client begins in.
inline constexpr const char* kDefaultRoom = "ws-default";
inline constexpr const char* kNotificationRoom = "ws-notification";

enum class MemberRoomKind { organizer, merchant };

/// A room of those whom policy rows make members of one organizer or merchant.
struct MemberRoom {
  MemberRoomKind kind = MemberRoomKind::organizer;
  std::string_view id;  // not empty; a part of the name that was parsed
  friend bool operator==(const MemberRoom&, const MemberRoom&) = default;
};

/// `org:<id>` or `merchant:<id>`. None for any other name, and where no id follows: such a name is no room of anybody.
std::optional<MemberRoom> parse_member_room(std::string_view name);

/// The name of that room; none for an empty id.
std::optional<RoomName> member_room(MemberRoomKind kind, std::string_view id);

/// Whether the name is a room's: one of the two of every client, or a member room.
bool is_room_name(std::string_view name);

/// Begins as the channels of the bus do: no client may join such a name.
bool has_channel_prefix(std::string_view name);

/// Whether a name could be taken for a room's or a channel's, with an id or without: no user may be called so, who
/// would hear what is for the room.
bool is_reserved_name(std::string_view name);

}  // namespace nx
