#include <algorithm>

#include "dialogue.hpp"

namespace nx::session {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

TEST_F(Dialogue, ErrorsAfterConnectedAreSealed) {
  connect();
  say("{");
  say_authenticate();
  EXPECT_EQ(received(), (Texts{error_text("Invalid message format"), error_text("Already authenticated")}));
}

TEST_F(Dialogue, UnknownEventsAfterConnectedAreIgnoredAndCounted) {
  connect();
  say(R"({"event":"disconnect"})");
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(Dialogue, APushIsSealedFromItsTwoPieces) {
  connect();
  session.push(R"({"event":"e","data":1)", R"(,"seq":2,"unread":1})", 2);
  EXPECT_EQ(received(), Texts{R"({"event":"e","data":1,"seq":2,"unread":1})"});
}

TEST_F(Dialogue, APushBeforeConnectedIsNotSent) {
  say_authenticate();
  session.push("{}", "", 0);
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(Dialogue, PingIsAnsweredWithItsIdAsItCame) {
  connect();
  say(R"({"event":"ping","id":"a"})");
  say(R"({"event":"ping","id":7.50})");
  say(R"({"event":"ping"})");
  const std::string time = R"("time":")" + iso8601(connection.wall) + R"("}})";
  EXPECT_EQ(received(), (Texts{R"({"event":"pong","data":{"id":"a",)" + time,
                               R"({"event":"pong","data":{"id":7.50,)" + time, R"({"event":"pong","data":{)" + time}));
}

TEST_F(Dialogue, SealedMessagesAreTakenAsPlainOnes) {
  connect();
  say(sealed(R"({"event":"ping","id":"s"})"));
  EXPECT_EQ(received().size(), 1U);
  say(sealed("{"));
  EXPECT_EQ(received(), Texts{error_text("Invalid message format")});
}

TEST_F(Dialogue, AReflectedServerFrameDoesNotOpen) {
  connect();
  session.push(R"({"event":"ping"})", "", 0);
  say(connection.frames.back());
  EXPECT_EQ(received().size(), 1U);
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(Dialogue, AnEnvelopeInAnEnvelopeIsIgnored) {
  connect();
  say(sealed(sealed(R"({"event":"ping"})")));
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(Dialogue, TheThirdFrameInARowThatDoesNotOpenIsClosed4004) {
  connect();
  const std::string bad =
      R"({"event":"encrypted","data":{"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}})";
  say(bad);
  say(R"({"event":"encrypted"})");
  say(sealed(R"({"event":"heartbeat"})"));
  say(bad);
  say(bad);
  EXPECT_FALSE(connection.closed);
  say(bad);
  EXPECT_EQ(connection.closed->code, 4004);
  EXPECT_EQ(connection.closed->reason, "Decryption failed");
  EXPECT_EQ(connection.ignored_messages, 5);
}

TEST_F(Dialogue, SilenceForTheHeartbeatTimeoutIsClosed4002AtTheNextSweep) {
  connect();
  pass(seconds(30));
  say(R"({"event":"heartbeat"})");
  for (int i = 0; i < 3; ++i) pass(seconds(30));
  EXPECT_FALSE(connection.closed);
  pass(seconds(30));
  EXPECT_EQ(connection.closed->code, 4002);
  EXPECT_EQ(connection.closed->reason, "Heartbeat timeout");
}

TEST_F(Dialogue, ProtocolPingsAreNoActivity) {
  connect();
  for (int i = 0; i < 4; ++i) {
    pass(seconds(30));
    session.on_control_frame();
  }
  EXPECT_EQ(connection.closed->code, 4002);
}

TEST_F(Dialogue, APingLeavesAfterOutboundSilenceOnly) {
  connect();
  pass(seconds(20));
  session.push("{}", "", 0);
  pass(seconds(10));
  EXPECT_EQ(connection.pings, 0);
  pass(seconds(15));
  EXPECT_EQ(connection.pings, 1);
}

TEST_F(Dialogue, JoinAsksOnceForThePolicyRoomsOfAFrame) {
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

TEST_F(Dialogue, NamesThatAreRefusedTakeNoPlaceFromThoseThatAreAllowed) {
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

TEST_F(Dialogue, AClientWithVeryManyUnansweredNamesIsNotReadUntilTheyAreAnswered) {
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

TEST_F(Dialogue, ARoomLeftAndJoinedAgainBeforeItsAnswerIsAskedAgain) {
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

TEST_F(Dialogue, JoinWithoutAListOfRoomsIsSilence) {
  connect();
  for (const char* data : {"", R"(,"data":null)", R"(,"data":{"rooms":"org:1"})", R"(,"data":{"rooms":{}})"}) {
    say(std::string(R"({"event":"join")") + data + "}");
  }
  EXPECT_TRUE(connection.room_questions.empty());
  EXPECT_TRUE(received().empty());
}

TEST_F(Dialogue, ARoomLeftBeforeItsAnswerStaysLeft) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  say(R"({"event":"leave","data":{"rooms":["org:1"]}})");
  session.on_rooms(RoomsUse::join, {{"org:1"}}, std::vector<RoomName>{{"org:1"}});
  EXPECT_TRUE(connection.events.empty());
}

TEST_F(Dialogue, TheDefaultRoomsCanBeLeftAndJoinedAgainWithoutAQuestion) {
  connect();
  EXPECT_TRUE(session.rooms().in_default());
  say(R"({"event":"leave","data":{"rooms":["ws-default","7b1082a6-7ce6-4680-b314-f038084d2acf"]}})");
  EXPECT_FALSE(session.rooms().in_default());
  EXPECT_TRUE(session.rooms().in_notification());
  say(R"({"event":"join","data":{"rooms":["ws-default"]}})");
  EXPECT_TRUE(session.rooms().in_default());
  EXPECT_TRUE(connection.room_questions.empty());
}

TEST_F(Dialogue, NoMoreThanSixtyFourRoomsAreJoined) {
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

TEST_F(Dialogue, ALostMembershipLeavesTheRoomAndAnAbsentDatabaseDoesNot) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1","org:2"]}})");
  const std::vector<RoomName> both{{"org:1"}, {"org:2"}};
  session.on_rooms(RoomsUse::join, both, both);
  session.on_rooms(RoomsUse::recheck, both, fail(ErrorKind::unavailable, "away"));
  EXPECT_EQ(session.rooms().joined().size(), 2U);
  session.on_rooms(RoomsUse::recheck, both, std::vector<RoomName>{{"org:2"}});
  EXPECT_EQ(connection.events, (Texts{"+org:1", "+org:2", "-org:1"}));
}

TEST_F(Dialogue, AnExpiredTokenIsClosedAfterLeewayAndWithinTheSpread) {
  connect();
  // 0x7b10 of 0x10000 of the spread of 60 s is 28.8 s.
  for (int i = 0; i < 120; ++i) {
    pass(seconds(30));
    say(R"({"event":"heartbeat"})");
  }
  pass(milliseconds(5'000 + 28'800));
  EXPECT_FALSE(connection.closed);
  pass(milliseconds(100));
  EXPECT_EQ(connection.closed->code, 4005);
  EXPECT_EQ(connection.closed->reason, "Token expired");
}

TEST_F(Dialogue, RefreshMovesTheExpiryAndReadsTheRoomsAgain) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  session.on_rooms(RoomsUse::join, {{"org:1"}}, std::vector<RoomName>{{"org:1"}});
  say(R"({"event":"refresh","data":{"token":"new"}})");
  EXPECT_EQ(connection.verifies.back().token, "new");
  session.on_verified(TokenUse::refresh, claims(std::chrono::hours(2)));
  EXPECT_EQ(received(), Texts{R"({"event":"refreshed","data":{"expiresAt":")" +
                              iso8601(EpochMs{connection.wall.value + 7'200'000}) + R"("}})"});
  EXPECT_EQ(connection.room_questions.back().use, RoomsUse::recheck);
}

TEST_F(Dialogue, RefreshesAskForTheRoomsOnceAtATime) {
  connect();
  say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  const std::vector<RoomName> rooms{{"org:1"}};
  session.on_rooms(RoomsUse::join, rooms, rooms);
  const auto asked = [this] {
    return std::ranges::count(connection.room_questions, RoomsUse::recheck, &RecordingConnection::RoomsAsked::use);
  };
  const auto refresh = [this] {
    say(R"({"event":"refresh","data":{"token":"new"}})");
    session.on_verified(TokenUse::refresh, claims());
  };
  for (int i = 0; i < 5; ++i) refresh();
  EXPECT_EQ(asked(), 1);
  session.on_rooms(RoomsUse::recheck, rooms, rooms);
  EXPECT_EQ(asked(), 2);
  session.on_rooms(RoomsUse::recheck, rooms, fail(ErrorKind::unavailable, "away"));
  EXPECT_EQ(asked(), 2);
  refresh();
  EXPECT_EQ(asked(), 3);
}

TEST_F(Dialogue, RefreshForAnotherUserFailsAlsoWhenOnlyTheTypeDiffers) {
  connect();
  auth::Claims other = claims();
  other.user.is_number = true;
  say(R"({"event":"refresh","data":{"token":"x"}})");
  session.on_verified(TokenUse::refresh, other);
  EXPECT_EQ(received(), Texts{error_text("Refresh failed")});
  EXPECT_EQ(connection.refusals, std::vector{auth::AuthError::other_user});
}

TEST_F(Dialogue, TheThirdFailedRefreshInAMinuteIsClosed4003) {
  connect();
  const auto refuse = [this] {
    say(R"({"event":"refresh","data":{}})");
    session.on_verified(TokenUse::refresh, tl::make_unexpected(auth::AuthError::malformed_token));
  };
  refuse();
  connection.clock += seconds(61);
  refuse();
  refuse();
  EXPECT_FALSE(connection.closed);
  refuse();
  EXPECT_EQ(connection.closed->code, 4003);
  EXPECT_EQ(connection.closed->reason, "Authentication failed");
}

TEST_F(Dialogue, RefreshesSentAheadAreAnsweredInOrder) {
  connect();
  for (const char* token : {"a", "b"}) say(std::string(R"({"event":"refresh","data":{"token":")") + token + R"("}})");
  ASSERT_EQ(connection.verifies.size(), 2U);
  EXPECT_EQ(connection.verifies.back().token, "a");
  session.on_verified(TokenUse::refresh, claims());
  EXPECT_EQ(connection.verifies.back().token, "b");
  session.on_verified(TokenUse::refresh, tl::make_unexpected(auth::AuthError::expired));
  const Texts said = received();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1], error_text("Refresh failed"));
}

TEST_F(Dialogue, AReplayedSealedRefreshIsIgnored) {
  connect();
  const std::string frame = sealed(R"({"event":"refresh","data":{"token":"new"}})");
  say(frame);
  session.on_verified(TokenUse::refresh, claims(std::chrono::hours(2)));
  EXPECT_EQ(received().size(), 1U);
  say(frame);
  EXPECT_EQ(connection.verifies.size(), 2U);
  EXPECT_TRUE(received().empty());
}

TEST_F(Dialogue, AReplayOfALongForgottenRefreshIsIgnoredToo) {
  connect();
  connection.settings.messages_per_second = 0;
  const std::string first = sealed(R"({"event":"refresh","data":{"token":"0"}})");
  say(first);
  session.on_verified(TokenUse::refresh, claims(std::chrono::hours(2)));
  for (int i = 0; i < 40; ++i) {
    say(sealed(R"({"event":"refresh","data":{"token":"n"}})"));
    session.on_verified(TokenUse::refresh, claims(std::chrono::hours(3) + seconds(i)));
  }
  EXPECT_EQ(received().size(), 41U);
  say(first);
  session.on_verified(TokenUse::refresh, claims(std::chrono::hours(2)));
  EXPECT_TRUE(received().empty());
}

TEST_F(Dialogue, NothingIsSaidOrHeardAfterClosing) {
  connect();
  session.close(kTooManyConnections);
  say("{");
  session.push("{}", "", 0);
  session.close(kServerShuttingDown);
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.closed->code, 4008);
}

}  // namespace nx::session
