#include "model/room_name.hpp"

#include <gtest/gtest.h>

namespace nx {
namespace {

TEST(RoomName, MemberRoomsGoBothWays) {
  for (const auto& [name, room] : {std::pair{"org:1", MemberRoom{MemberRoomKind::organizer, "1"}},
                                   std::pair{"merchant:m 1", MemberRoom{MemberRoomKind::merchant, "m 1"}},
                                   std::pair{"org:merchant:1", MemberRoom{MemberRoomKind::organizer, "merchant:1"}}}) {
    EXPECT_EQ(parse_member_room(name), room) << name;
    EXPECT_EQ(member_room(room.kind, room.id), RoomName{name});
    EXPECT_TRUE(is_room_name(name));
    EXPECT_TRUE(is_reserved_name(name));
  }
}

TEST(RoomName, AnEmptyIdIsNoRoomAndNoUserMayBeCalledSo) {
  for (const char* name : {"org:", "merchant:"}) {
    EXPECT_EQ(parse_member_room(name), std::nullopt) << name;
    EXPECT_FALSE(is_room_name(name)) << name;
    EXPECT_TRUE(is_reserved_name(name)) << name;
  }
  EXPECT_EQ(member_room(MemberRoomKind::organizer, ""), std::nullopt);
  EXPECT_EQ(member_room(MemberRoomKind::merchant, ""), std::nullopt);
}

TEST(RoomName, TheRoomsOfAllAreNobodysMembers) {
  for (const char* name : {kDefaultRoom, kNotificationRoom}) {
    EXPECT_EQ(parse_member_room(name), std::nullopt);
    EXPECT_TRUE(is_room_name(name));
    EXPECT_TRUE(is_reserved_name(name));
  }
}

TEST(RoomName, OtherNamesAreNone) {
  for (const char* name : {"", "org", "ORG:1", " org:1", "team:1", "ws-defaults", "ws"}) {
    EXPECT_EQ(parse_member_room(name), std::nullopt) << name;
    EXPECT_FALSE(is_room_name(name)) << name;
    EXPECT_FALSE(is_reserved_name(name)) << name;
  }
}

TEST(RoomName, ChannelNamesAreReservedAndNoRooms) {
  for (const char* name : {"ws:", "ws:user:1"}) {
    EXPECT_TRUE(has_channel_prefix(name));
    EXPECT_TRUE(is_reserved_name(name));
    EXPECT_FALSE(is_room_name(name));
  }
  EXPECT_FALSE(has_channel_prefix("ws-default"));
}

}  // namespace
}  // namespace nx
