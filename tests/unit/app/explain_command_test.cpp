#include "app/explain_command.hpp"

#include <gtest/gtest.h>

namespace nx::app {

TEST(ExplainCommandTest, TheVerdictComesFirstThenWhatItRestsOn) {
  const auto lines = explanation_lines(
      R"({"code":"pushed","verdict":"u1 has it.","userId":"u1","notification":{"id":"n1","type":"t","recipientScope":"merchant",
"merchantId":"m1","createdAt":"then","excluded":["u2","u3"],"record":null,"recordTime":null},"excluded":false,
"membership":{"member":true,"why":"joined to merchant m1","rows":[{"variant":"join_domain","subjectType":"User","subjectId":"u1",
"targetType":"Merchant","targetId":"m1","deletedAt":"once"}]},"stored":{"seq":7,"deliveredAt":null,"readAt":"now","archivedAt":null},
"connections":[],"pushes":[{"instance":"a","outcome":"pushed","at":"then"}],"recordsSince":[],"missing":["b"]})");
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_EQ(*lines,
            "u1 has it.\n\n"
            "code          pushed\n"
            "notification  n1  t\n"
            "scope         merchant m1\n"
            "stored at     then\n"
            "record        -  -\n"
            "excluded      u2, u3\n"
            "membership    joined to merchant m1\n"
            "  policy row  join_domain: User u1 → Merchant m1, deleted at once\n"
            "inbox         seq 7\n"
            "  delivered   -\n"
            "  read        now\n"
            "  archived    -\n"
            "connected     no client now\n"
            "push          pushed at then, instance a\n"
            "no answer     instance b\n");
}

TEST(ExplainCommandTest, ANameBeginsNoLineAndMovesNoCursor) {
  const auto lines = explanation_lines(
      R"({"code":"pushed","verdict":"u\n1 has it.","notification":{"id":"n1","type":"a\u001b[2J\u009b2Jü\u007f","recipientScope":"users"},"connections":[]})");
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_TRUE(
      lines->starts_with("u?1 has it.\n\ncode          pushed\nnotification  n1  a?[2J?2Jü?\nscope         users\n"))
      << *lines;
}

TEST(ExplainCommandTest, WithoutAUserTheNumbers) {
  const auto lines = explanation_lines(
      R"({"notification":{"id":"n1","type":"t","recipientScope":"org","organizerId":"o1","createdAt":"then"},"recipients":4,"delivered":1,
"read":0,"archived":0,"complete":false})");
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_NE(lines->find("scope         org o1\n"), std::string::npos);
  EXPECT_NE(lines->find("recipients    4\n"), std::string::npos);
  EXPECT_NE(lines->find("incomplete: "), std::string::npos);
}

TEST(ExplainCommandTest, WhatIsNoExplanationIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"notification":1})", "<html>"}) EXPECT_FALSE(explanation_lines(text));
}

}  // namespace nx::app
