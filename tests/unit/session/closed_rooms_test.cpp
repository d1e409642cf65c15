#include "unit/session/dialogue.hpp"

namespace nx::session {
namespace {

using std::chrono::seconds;
using Texts = std::vector<std::string>;
using ClosedRoomsTest = Dialogue;

TEST_F(ClosedRoomsTest, RoomsThatNobodyConfirmsForThreePeriodsAreClosedAndOpenWithTheNextAnswer) {
  connection.settings.heartbeat_timeout = std::chrono::hours(1);
  connect();
  const std::vector<RoomName> both{{"org:1"}, {"org:2"}};
  say(R"({"event":"join","data":{"rooms":["org:1","org:2"]}})");
  session.on_rooms(RoomsUse::join, both, both);
  pass(seconds(60));
  session.on_rooms(RoomsUse::recheck, both, both);
  connection.events.clear();
  for (int i = 0; i < 17; ++i) {
    pass(seconds(10));
    session.on_rooms(RoomsUse::recheck, both, fail(ErrorKind::unavailable, "away"));
  }
  EXPECT_TRUE(connection.events.empty()) << "170 s";
  pass(seconds(10));
  EXPECT_EQ(connection.events, (Texts{"-org:1", "-org:2"}));
  EXPECT_EQ(connection.closed_rooms, 2U);
  EXPECT_TRUE(session.rooms().joined().empty());
  EXPECT_EQ(session.rooms().held(), both) << "they are asked about again";
  EXPECT_EQ(received(), Texts{}) << "nothing is said of rooms";

  session.on_rooms(RoomsUse::recheck, both, std::vector<RoomName>{{"org:2"}});
  EXPECT_EQ(connection.events, (Texts{"-org:1", "-org:2", "+org:2"}));
  EXPECT_EQ(session.rooms().held(), std::vector<RoomName>{{"org:2"}});
  pass(seconds(179));
  EXPECT_EQ(connection.events.size(), 3U);
  pass(seconds(1));
  EXPECT_EQ(connection.events.back(), "-org:2");
}

TEST_F(ClosedRoomsTest, AClosedRoomMayBeLeftAndJoined) {
  connection.settings.heartbeat_timeout = std::chrono::hours(1);
  connect();
  const std::vector<RoomName> rooms{{"org:0"}, {"org:1"}, {"org:2"}};
  say(R"({"event":"join","data":{"rooms":["org:0","org:1","org:2"]}})");
  session.on_rooms(RoomsUse::join, rooms, rooms);
  pass(seconds(180));
  EXPECT_EQ(connection.closed_rooms, 3U);

  say(R"({"event":"leave","data":{"rooms":["org:0"]}})");
  say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  session.on_rooms(RoomsUse::join, {rooms[1]}, rooms);
  EXPECT_EQ(connection.events.back(), "+org:1");
  EXPECT_EQ(session.rooms().held(), (std::vector<RoomName>{rooms[1], rooms[2]}));
  session.on_rooms(RoomsUse::recheck, rooms, rooms);
  EXPECT_EQ(connection.events.back(), "+org:2") << "what was left meanwhile stays left";
  EXPECT_EQ(session.rooms().joined(), (std::vector<RoomName>{rooms[1], rooms[2]}));
}

}  // namespace
}  // namespace nx::session
