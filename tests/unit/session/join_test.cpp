// Rooms that are joined and left.

#include <gtest/gtest.h>

#include "dialogue.hpp"

namespace nx::session {

using Texts = std::vector<std::string>;
using JoinTest = Dialogue;

TEST_F(JoinTest, JoinAsksOnceForThePolicyRoomsOfAFrame) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1","merchant:2","org:","ws:x","other","ws-default",5,"","org:1"]}})");
  ASSERT_EQ(connection.room_questions.size(), 1U);
  EXPECT_EQ(connection.room_questions[0].rooms, (std::vector<RoomName>{{"org:1"}, {"merchant:2"}}));
  session.on_rooms(RoomsUse::join, connection.room_questions[0].rooms, std::vector<RoomName>{{"merchant:2"}});
  EXPECT_EQ(connection.events, Texts{"+merchant:2"});
  EXPECT_TRUE(received().empty());
}

namespace {

std::string join_of(int first, int count) {
  std::string text = R"({"event":"join","data":{"rooms":[)";
  for (int i = first; i < first + count; ++i) text += "\"org:" + std::to_string(i) + "\",";
  text.back() = ']';
  return text + "}}";
}

}  // namespace

TEST_F(JoinTest, NamesThatAreRefusedTakeNoPlaceFromThoseThatAreAllowed) {
  connect();
  for (int i = 0; i < 5; ++i) say(join_of(1'000 * (i + 1), 200));
  say(join_of(0, 64));
  for (std::size_t i = 0; i < connection.room_questions.size(); ++i) {
    const std::vector<RoomName> asked = connection.room_questions[i].rooms;
    EXPECT_LE(asked.size(), kMaxAskedRooms);
    EXPECT_EQ(connection.room_questions.size(), i + 1) << "one question at a time";
    std::vector<RoomName> allowed;
    for (const RoomName& room : asked) {
      if (room.value.size() <= 6) allowed.push_back(room);  // org:0 to org:63
    }
    session.on_rooms(RoomsUse::join, asked, allowed);
  }
  EXPECT_EQ(session.rooms().joined().size(), 64U);
  EXPECT_EQ(session.rooms().waiting(), 0U);
}

TEST_F(JoinTest, AClientWithVeryManyUnansweredNamesIsNotReadUntilTheyAreAnswered) {
  connect();
  for (int i = 0; i < 5; ++i) say(join_of(1'000 * i, 200));
  EXPECT_FALSE(session.is_behind());
  say(join_of(90'000, 500));
  EXPECT_TRUE(session.is_behind());
  EXPECT_GT(session.question_bytes(), 0U);
  while (session.is_behind())
    session.on_rooms(RoomsUse::join, connection.room_questions.back().rooms, std::vector<RoomName>{});
  EXPECT_EQ(connection.room_questions.size(), 3U);
}

TEST_F(JoinTest, ARoomLeftAndJoinedAgainBeforeItsAnswerIsAskedAgain) {
  connect();
  say(join_of(1, 2));
  say(R"({"event":"leave","data":{"rooms":["org:1"]}})");
  say(join_of(1, 1));
  EXPECT_EQ(connection.room_questions.size(), 1U);
  session.on_rooms(RoomsUse::join, connection.room_questions[0].rooms, std::vector<RoomName>{});
  ASSERT_EQ(connection.room_questions.size(), 2U);
  session.on_rooms(RoomsUse::join, connection.room_questions[1].rooms, std::vector<RoomName>{{"org:1"}});
  EXPECT_EQ(connection.events, Texts{"+org:1"});
}

TEST_F(JoinTest, JoinWithoutAListOfRoomsIsSilence) {
  connect();
  for (const char* data : {"", R"(,"data":null)", R"(,"data":{"rooms":"org:1"})", R"(,"data":{"rooms":{}})"}) {
    say(std::string(R"({"event":"join")") + data + "}");
  }
  EXPECT_TRUE(connection.room_questions.empty());
  EXPECT_TRUE(received().empty());
}

TEST_F(JoinTest, ARoomLeftBeforeItsAnswerStaysLeft) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  say(R"({"event":"leave","data":{"rooms":["org:1"]}})");
  session.on_rooms(RoomsUse::join, {{"org:1"}}, std::vector<RoomName>{{"org:1"}});
  EXPECT_TRUE(connection.events.empty());
}

TEST_F(JoinTest, TheDefaultRoomsCanBeLeftAndJoinedAgainWithoutAQuestion) {
  connect();
  EXPECT_TRUE(session.rooms().in_default());
  say(R"({"event":"leave","data":{"rooms":["ws-default","7b1082a6-7ce6-4680-b314-f038084d2acf"]}})");
  EXPECT_FALSE(session.rooms().in_default());
  EXPECT_TRUE(session.rooms().in_notification());
  say(R"({"event":"join","data":{"rooms":["ws-default"]}})");
  EXPECT_TRUE(session.rooms().in_default());
  EXPECT_TRUE(connection.room_questions.empty());
}

TEST_F(JoinTest, NoMoreThanSixtyFourRoomsAreJoined) {
  connect();
  std::vector<RoomName> rooms;
  for (int i = 0; i < 70; ++i) rooms.push_back({"org:" + std::to_string(i)});
  std::string text = R"({"event":"join","data":{"rooms":[)";
  for (const RoomName& room : rooms) text += "\"" + room.value + "\",";
  text.back() = ']';
  say(text + "}}");
  session.on_rooms(RoomsUse::join, rooms, rooms);
  EXPECT_EQ(session.rooms().joined().size(), kMaxRooms);
}

TEST_F(JoinTest, ALostMembershipLeavesTheRoomAndAnAbsentDatabaseDoesNot) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1","org:2"]}})");
  const std::vector<RoomName> both{{"org:1"}, {"org:2"}};
  session.on_rooms(RoomsUse::join, both, both);
  session.on_rooms(RoomsUse::recheck, both, fail(ErrorKind::unavailable, "away"));
  EXPECT_EQ(session.rooms().joined().size(), 2U);
  session.on_rooms(RoomsUse::recheck, both, std::vector<RoomName>{{"org:2"}});
  EXPECT_EQ(connection.events, (Texts{"+org:1", "+org:2", "-org:1"}));
}

}  // namespace nx::session
