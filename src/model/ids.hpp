#pragma once
// Identifiers are types: a client's id cannot be passed in place of a user's. All Ids hold the text form; ids that
// arrive as JSON integers are stored as their decimal text (docs/protocol.md#ids).

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace nx {

template <class Tag>
struct Id {
  std::string value;
  friend auto operator<=>(const Id&, const Id&) = default;
};

using UserId = Id<struct UserTag>;      // ≤ 128 bytes
using RoomName = Id<struct RoomTag>;    // see model/room_name.hpp
using ClientId = Id<struct ClientTag>;  // one connection: lower-case UUID v4 text

/// UUIDv7 (RFC 9562 §5.7), 16 bytes in network order.
struct NotificationId {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const NotificationId&, const NotificationId&) = default;
};

constexpr std::size_t kMaxIdBytes = 128;  // docs/notifications.md#the-message

}  // namespace nx
