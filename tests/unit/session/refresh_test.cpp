// A token that expires or is refreshed.

#include <algorithm>

#include <gtest/gtest.h>

#include "dialogue.hpp"

namespace nx::session {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Texts = std::vector<std::string>;
using RefreshTest = Dialogue;

TEST_F(RefreshTest, AnExpiredTokenIsClosedAfterLeewayAndWithinTheSpread) {
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

TEST_F(RefreshTest, RefreshMovesTheExpiryAndReadsTheRoomsAgain) {
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

TEST_F(RefreshTest, RefreshesAskForTheRoomsOnceAtATime) {
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

TEST_F(RefreshTest, RefreshForAnotherUserFailsAlsoWhenOnlyTheTypeDiffers) {
  connect();
  auth::Claims other = claims();
  other.user.is_number = true;
  say(R"({"event":"refresh","data":{"token":"x"}})");
  session.on_verified(TokenUse::refresh, other);
  EXPECT_EQ(received(), Texts{error_text("Refresh failed")});
  EXPECT_EQ(connection.refusals, std::vector{auth::AuthError::other_user});
}

TEST_F(RefreshTest, TheThirdFailedRefreshInAMinuteIsClosed4003) {
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

TEST_F(RefreshTest, RefreshesSentAheadAreAnsweredInOrder) {
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

TEST_F(RefreshTest, AReplayedSealedRefreshIsIgnored) {
  connect();
  const std::string frame = sealed(R"({"event":"refresh","data":{"token":"new"}})");
  say(frame);
  session.on_verified(TokenUse::refresh, claims(std::chrono::hours(2)));
  EXPECT_EQ(received().size(), 1U);
  say(frame);
  EXPECT_EQ(connection.verifies.size(), 2U);
  EXPECT_TRUE(received().empty());
}

TEST_F(RefreshTest, AReplayOfALongForgottenRefreshIsIgnoredToo) {
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

}  // namespace nx::session
