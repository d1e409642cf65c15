#include "dialogue.hpp"

namespace nx::session {

using std::chrono::milliseconds;
using HandshakeTest = Dialogue;

TEST_F(HandshakeTest, TheServerIsSilentUntilAuthenticate) {
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(HandshakeTest, ConnectedHasTheBytesOfTheReference) {
  connect();

  const auto data = *json::parse(connection.frames[0])->find("data");
  EXPECT_EQ(connection.frames[0],
            R"({"event":"connected","data":{"id":"7b1082a6-7ce6-4680-b314-f038084d2acf","userId":"u1","time":")" +
                iso8601(connection.wall) + R"(","serverPublicKey":")" + data.find("serverPublicKey")->text() +
                R"(","salt":")" + data.find("salt")->text() + R"("}})");
  EXPECT_EQ(data.find("serverPublicKey")->text().size(), 88U);
  EXPECT_EQ(data.find("salt")->text().size(), 44U);
}

TEST_F(HandshakeTest, PresenceIsRegisteredBeforeConnectedIsQueued) {
  connect();
  EXPECT_EQ(connection.frames_at_opening, 0U);
}

TEST_F(HandshakeTest, ConnectedWaitsUntilTheBusIsSubscribed) {
  connection.subscribes_later = true;
  say_authenticate();
  session.on_verified(TokenUse::handshake, claims());
  EXPECT_EQ(connection.subscribed, (std::vector<UserId>{{"u1"}}));
  EXPECT_TRUE(connection.frames.empty());
  EXPECT_FALSE(connection.frames_at_opening);
  say(R"({"event":"authenticate","data":{"type":"Bearer","token":"t","clientPublicKey":"x"}})");
  EXPECT_EQ(connection.frames, std::vector{error_text("Already authenticated")});

  session.on_subscribed();
  EXPECT_TRUE(session.is_open());
  EXPECT_NE(connection.frames.at(1).find(R"("event":"connected")"), std::string::npos);
  session.on_subscribed();
  EXPECT_EQ(connection.frames.size(), 2U);
}

TEST_F(HandshakeTest, WhoHasLeftMeanwhileIsNotConnected) {
  connection.subscribes_later = true;
  say_authenticate();
  session.on_verified(TokenUse::handshake, claims());
  session.end();
  session.on_subscribed();
  EXPECT_FALSE(session.is_open());
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(HandshakeTest, ANumericUserIdStaysANumber) {
  say_authenticate();
  auth::Claims who = claims();
  who.user = {UserId{"5"}, true};
  session.on_verified(TokenUse::handshake, who);
  EXPECT_NE(connection.frames.at(0).find(R"("userId":5,)"), std::string::npos);
}

TEST_F(HandshakeTest, ARefusedTokenGetsTheErrorAnd4003) {
  say_authenticate();
  session.on_verified(TokenUse::handshake, tl::make_unexpected(auth::AuthError::expired));
  EXPECT_EQ(connection.frames, std::vector{error_text("Authentication failed")});
  EXPECT_EQ(connection.closed->code, 4003);
  EXPECT_EQ(connection.closed->reason, "Authentication failed");
}

TEST_F(HandshakeTest, AForeignTypeIsRefusedWithoutAskingAboutTheToken) {
  for (const char* type : {R"("Basic")", "5", "null", R"("")"}) {
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(std::string(R"({"event":"authenticate","data":{"token":"t","type":)") + type + "}}");
    EXPECT_EQ(own.closed->code, 4003) << type;
    EXPECT_TRUE(own.verifies.empty()) << type;
    EXPECT_EQ(own.refusals, std::vector{auth::AuthError::missing_token}) << type;
  }
}

TEST_F(HandshakeTest, TheTypeMayBeAbsentOrInAnyLetterCase) {
  for (const char* type : {"", R"(,"type":"bEARER")"}) {
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(std::string(R"({"event":"authenticate","data":{"token":"t")") + type + "}}");
    ASSERT_EQ(own.verifies.size(), 1U) << type;
    EXPECT_EQ(own.verifies[0].token, "t");
  }
}

TEST_F(HandshakeTest, AuthenticateWithoutUsableDataFails) {
  for (const char* data : {"", R"(,"data":null)", R"(,"data":"x")", R"(,"data":{"token":5})"}) {
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(std::string(R"({"event":"authenticate")") + data + "}");
    EXPECT_EQ(own.frames, std::vector{error_text("Authentication failed")}) << data;
    EXPECT_EQ(own.closed->code, 4003) << data;
  }
}

TEST_F(HandshakeTest, AGoodTokenWithoutAKeyIsClosed4004) {
  for (const char* key : {"", R"(,"clientPublicKey":"")", R"(,"clientPublicKey":null)"}) {
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(std::string(R"({"event":"authenticate","data":{"token":"t")") + key + "}}");
    other.on_verified(TokenUse::handshake, claims());
    EXPECT_EQ(own.frames, std::vector{error_text("Encryption handshake failed")}) << key;
    EXPECT_EQ(own.closed->code, 4004) << key;
    EXPECT_EQ(own.closed->reason, "Encryption required") << key;
  }
}

TEST_F(HandshakeTest, AGoodTokenWithABadKeyIsClosed4003) {
  const std::string off_curve = crypto::base64_encode(std::vector<std::uint8_t>(65, 4));
  for (const std::string& key : {std::string{"5"}, std::string{R"("not base64!")"}, R"(")" + off_curve + R"(")"}) {
    RecordingConnection own;
    Session other(own, kId);
    other.on_message(R"({"event":"authenticate","data":{"token":"t","clientPublicKey":)" + key + "}}");
    other.on_verified(TokenUse::handshake, claims());
    EXPECT_EQ(own.frames, std::vector{error_text("Authentication error")}) << key;
    EXPECT_EQ(own.refusals, std::vector{auth::AuthError::bad_client_key}) << key;
    EXPECT_EQ(own.closed->code, 4003) << key;
    EXPECT_EQ(own.closed->reason, "Authentication failed") << key;
  }
}

TEST_F(HandshakeTest, TheTimeoutRunsFromTheOpeningAndHeartbeatsDoNotExtendIt) {
  pass(milliseconds(4'900));
  say(R"({"event":"heartbeat"})");
  EXPECT_FALSE(connection.closed);
  pass(milliseconds(100));
  EXPECT_EQ(connection.closed->code, 4001);
  EXPECT_EQ(connection.closed->reason, "Authentication timeout");
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(HandshakeTest, AnUnfinishedAuthenticationEndsAfterThreeTimeouts) {
  pass(milliseconds(4'000));
  say_authenticate();
  pass(milliseconds(14'900));
  EXPECT_FALSE(connection.closed);
  pass(milliseconds(100));
  EXPECT_EQ(connection.closed->code, 4001);
}

TEST_F(HandshakeTest, AnAnswerAfterTheTimeoutSaysNothing) {
  say_authenticate();
  pass(milliseconds(15'000));
  session.on_verified(TokenUse::handshake, claims());
  EXPECT_TRUE(connection.frames.empty());
}

TEST_F(HandshakeTest, ASecondAuthenticateIsRefusedAndTheFirstCompletes) {
  say_authenticate();
  say_authenticate();
  EXPECT_EQ(connection.frames, std::vector{error_text("Already authenticated")});
  EXPECT_EQ(connection.verifies.size(), 1U);
  session.on_verified(TokenUse::handshake, claims());
  EXPECT_TRUE(session.is_open());
}

TEST_F(HandshakeTest, BeforeConnectedOnlyAuthenticateAndHeartbeatAreTaken) {
  for (const char* text : {R"({"event":"join","data":{"rooms":["org:1"]}})", R"({"event":"leave"})",
                           R"({"event":"ping"})", R"({"event":"refresh","data":{"token":"t"}})",
                           R"({"event":"encrypted","data":{}})", R"({"event":"anything"})", R"({"event":5})"}) {
    connection.frames.clear();
    say(text);
    EXPECT_EQ(connection.frames, std::vector{error_text("Not authenticated")}) << text;
  }
  EXPECT_FALSE(connection.closed);
}

TEST_F(HandshakeTest, WhatIsNotJsonGetsAnErrorAndWhatIsNoMessageGetsSilence) {
  say("{");
  EXPECT_EQ(connection.frames, std::vector{error_text("Invalid message format")});
  connection.frames.clear();
  for (const char* text :
       {"null", "5", R"("x")", "[]", "true", "{}", R"({"event":""})", R"({"event":0})", R"({"event":null})"})
    say(text);
  EXPECT_TRUE(connection.frames.empty());
  EXPECT_EQ(connection.ignored_messages, 9);
  EXPECT_FALSE(connection.closed);
}

TEST_F(HandshakeTest, ConnectedNamesTheKeyThatWasAgreedOnAlsoWhenItWasReplacedMeanwhile) {
  connection.subscribes_later = true;
  say_authenticate();
  session.on_verified(TokenUse::handshake, claims());
  const std::string agreed = connection.key.public_base64();
  connection.key = crypto::KeyPair::generate();
  session.on_subscribed();
  ASSERT_TRUE(session.is_open());
  EXPECT_NE(connection.frames.at(0).find(agreed), std::string::npos) << connection.frames.at(0);
}

TEST_F(HandshakeTest, TinyFragmentsCountAsMessagesAndOrdinaryOnesDoNot) {
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(session.on_fragment(kTinyFragment));
  int tiny = 0;
  while (tiny < 1'000 && session.on_fragment(0)) ++tiny;
  EXPECT_EQ(tiny, static_cast<int>(kMessageBurst));
  EXPECT_EQ(connection.closed->code, 1008);
  EXPECT_EQ(connection.closed->reason, "Rate limit");
}

TEST_F(HandshakeTest, MoreThanTheBurstIsClosed1008) {
  for (int i = 0; i < 100; ++i) say(R"({"event":"heartbeat"})");
  EXPECT_FALSE(connection.closed);
  say(R"({"event":"heartbeat"})");
  EXPECT_EQ(connection.closed->code, 1008);
  EXPECT_EQ(connection.closed->reason, "Rate limit");
}

TEST_F(HandshakeTest, TheAllowedRateNeverEnds) {
  for (int i = 0; i < 500; ++i) {
    say(R"({"event":"heartbeat"})");
    connection.clock += milliseconds(50);
  }
  EXPECT_FALSE(connection.closed);
}

TEST_F(HandshakeTest, ATokenIsCountedUntilItIsAnswered) {
  const std::string token(8'000, 't');
  say(R"({"event":"authenticate","data":{"token":")" + token + R"(","clientPublicKey":")" + peer.public_base64() +
      R"("}})");
  EXPECT_GT(session.question_bytes(), token.size() + 80) << "the token, and the key of the client";
  session.on_verified(TokenUse::handshake, claims());
  ASSERT_TRUE(session.is_open());
  EXPECT_EQ(session.question_bytes(), 0U);
  for (int i = 0; i < 3; ++i) say(R"({"event":"refresh","data":{"token":")" + token + R"("}})");
  EXPECT_EQ(session.question_bytes(), 3 * token.size());
  session.close(kSlowConsumer);
  EXPECT_EQ(session.question_bytes(), 0U);
}

}  // namespace nx::session
