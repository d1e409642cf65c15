#include <gtest/gtest.h>

#include "dialogue.hpp"

namespace nx::session {

using std::chrono::seconds;
using Texts = std::vector<std::string>;
using OpenTest = Dialogue;

TEST_F(OpenTest, ErrorsAfterConnectedAreSealed) {
  connect();
  say("{");
  say_authenticate();
  EXPECT_EQ(received(), (Texts{error_text("Invalid message format"), error_text("Already authenticated")}));
}

TEST_F(OpenTest, UnknownEventsAfterConnectedAreIgnoredAndCounted) {
  connect();
  say(R"({"event":"disconnect"})");
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(OpenTest, APushIsSealedFromItsTwoPieces) {
  connect();
  session.push(R"({"event":"e","data":1)", R"(,"seq":2,"unread":1})", 2);
  EXPECT_EQ(received(), Texts{R"({"event":"e","data":1,"seq":2,"unread":1})"});
}

TEST_F(OpenTest, APushBeforeConnectedIsNotSent) {
  say_authenticate();
  session.push("{}", "", 0);
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(OpenTest, PingIsAnsweredWithItsIdAsItCame) {
  connect();
  say(R"({"event":"ping","id":"a"})");
  say(R"({"event":"ping","id":7.50})");
  say(R"({"event":"ping"})");
  const std::string time = R"("time":")" + iso8601(connection.wall) + R"("}})";
  EXPECT_EQ(received(), (Texts{R"({"event":"pong","data":{"id":"a",)" + time,
                               R"({"event":"pong","data":{"id":7.50,)" + time, R"({"event":"pong","data":{)" + time}));
}

TEST_F(OpenTest, SealedMessagesAreTakenAsPlainOnes) {
  connect();
  say(sealed(R"({"event":"ping","id":"s"})"));
  EXPECT_EQ(received().size(), 1U);
  say(sealed("{"));
  EXPECT_EQ(received(), Texts{error_text("Invalid message format")});
}

TEST_F(OpenTest, AReflectedServerFrameDoesNotOpen) {
  connect();
  session.push(R"({"event":"ping"})", "", 0);
  say(connection.frames.back());
  EXPECT_EQ(received().size(), 1U);
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(OpenTest, AnEnvelopeInAnEnvelopeIsIgnored) {
  connect();
  say(sealed(sealed(R"({"event":"ping"})")));
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.ignored_messages, 1);
}

TEST_F(OpenTest, TheThirdFrameInARowThatDoesNotOpenIsClosed4004) {
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

TEST_F(OpenTest, SilenceForTheHeartbeatTimeoutIsClosed4002AtTheNextSweep) {
  connect();
  pass(seconds(30));
  say(R"({"event":"heartbeat"})");
  for (int i = 0; i < 3; ++i) pass(seconds(30));
  EXPECT_FALSE(connection.closed);
  pass(seconds(30));
  EXPECT_EQ(connection.closed->code, 4002);
  EXPECT_EQ(connection.closed->reason, "Heartbeat timeout");
}

TEST_F(OpenTest, ProtocolPingsAreNoActivity) {
  connect();
  for (int i = 0; i < 4; ++i) {
    pass(seconds(30));
    session.on_control_frame();
  }
  EXPECT_EQ(connection.closed->code, 4002);
}

TEST_F(OpenTest, APingLeavesAfterOutboundSilenceOnly) {
  connect();
  pass(seconds(20));
  session.push("{}", "", 0);
  pass(seconds(10));
  EXPECT_EQ(connection.pings, 0);
  pass(seconds(15));
  EXPECT_EQ(connection.pings, 1);
}

TEST_F(OpenTest, NothingIsSaidOrHeardAfterClosing) {
  connect();
  session.close(kTooManyConnections);
  say("{");
  session.push("{}", "", 0);
  session.close(kServerShuttingDown);
  EXPECT_TRUE(received().empty());
  EXPECT_EQ(connection.closed->code, 4008);
}

}  // namespace nx::session
