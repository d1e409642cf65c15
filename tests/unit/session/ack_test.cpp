#include "dialogue.hpp"

namespace nx::session {

namespace {

const std::string kFirst = "01935f2e-7c00-7000-8000-000000000001", kSecond = "01935F2E-7C00-7000-8000-000000000002";

std::string ack(const std::string& data) {
  return R"({"event":"ack","data":)" + data + "}";
}

std::string ids(std::size_t count) {
  std::string out = R"({"ids":[)";
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "\"" : ",\"") + kFirst + "\"";
  return out + "]}";
}

}  // namespace
using AckTest = Dialogue;

TEST_F(AckTest, AnAckNamesTheUsersOwnRowsAndIsNotAnswered) {
  connect();
  say(ack(R"({"ids":[")" + kFirst + R"(",")" + kSecond + R"("]})"));
  say(sealed(ack(R"({"upTo":42})")));
  EXPECT_TRUE(received().empty());
  ASSERT_EQ(connection.acks.size(), 2U);
  EXPECT_EQ(connection.acks[0].user, UserId{"u1"});
  ASSERT_EQ(connection.acks[0].ids.size(), 2U);
  EXPECT_EQ(uuid_text(connection.acks[0].ids[0].bytes), kFirst);
  EXPECT_EQ(connection.acks[0].at, connection.wall);
  EXPECT_TRUE(connection.acks[1].ids.empty());
  EXPECT_EQ(connection.acks[1].above, 0);
  EXPECT_EQ(connection.acks[1].up_to, 42);
  EXPECT_EQ(connection.ignored_messages, 0);
}

// Only what is above the last one has to be looked at.
TEST_F(AckTest, AnAckUpToGoesOnWhereTheLastOneEnded) {
  connect();
  say(ack(R"({"upTo":40})"));
  say(ack(R"({"upTo":40})"));
  say(ack(R"({"upTo":39})"));
  say(ack(R"({"upTo":45})"));
  ASSERT_EQ(connection.acks.size(), 2U);
  EXPECT_EQ(connection.acks[1].above, 40);
  EXPECT_EQ(connection.acks[1].up_to, 45);
}

TEST_F(AckTest, WhatFoundNoRoomMayBeSaidAgain) {
  connect();
  connection.takes_acks = false;
  say(ack(R"({"upTo":40})"));
  connection.takes_acks = true;
  say(ack(R"({"upTo":40})"));
  ASSERT_EQ(connection.acks.size(), 1U);
  EXPECT_EQ(connection.acks[0].above, 0);
}

TEST_F(AckTest, AnAckOfAnotherShapeIsIgnoredAndCounted) {
  connect();
  const std::vector<std::string> bad{R"({})",
                                     R"([])",
                                     R"(null)",
                                     R"("x")",
                                     R"({"ids":[]})",
                                     R"({"ids":"x"})",
                                     R"({"ids":[1]})",
                                     R"({"ids":["x"]})",
                                     R"({"ids":[")" + kFirst + R"(",null]})",
                                     ids(101),
                                     R"({"upTo":0})",
                                     R"({"upTo":-1})",
                                     R"({"upTo":1.5})",
                                     R"({"upTo":1e3})",
                                     R"({"upTo":"7"})",
                                     R"({"upTo":null})",
                                     R"({"upTo":9223372036854775808})",
                                     R"({"upTo":7,"ids":[")" + kFirst + R"("]})"};
  for (const std::string& data : bad) say(ack(data));
  say(R"({"event":"ack"})");
  EXPECT_TRUE(received().empty());
  EXPECT_TRUE(connection.acks.empty());
  EXPECT_EQ(connection.ignored_messages, static_cast<int>(bad.size()) + 1);
  say(ack(ids(100)));
  EXPECT_EQ(connection.acks.size(), 1U);
}

TEST_F(AckTest, AnAckBeforeConnectedIsNotTaken) {
  say(ack(R"({"upTo":7})"));
  EXPECT_EQ(connection.frames, std::vector{error_text("Not authenticated")});
  say_authenticate();
  say(ack(R"({"upTo":7})"));
  EXPECT_EQ(connection.frames.size(), 2U);
  EXPECT_TRUE(connection.acks.empty());
}

}  // namespace nx::session
