#include "rest/dead_letter_cursor.hpp"

#include <gtest/gtest.h>

namespace nx::rest {
namespace {

TEST(DeadLetterCursor, GoesBothWaysForItsTopic) {
  for (const replay::DeadLetterCursor& cursor :
       {replay::DeadLetterCursor{{0, 1}}, replay::DeadLetterCursor{{0, 256}, {7, INT64_MAX}, {INT32_MAX, 3}}}) {
    EXPECT_EQ(read_dead_letter_cursor(dead_letter_cursor_text(cursor, "dlq"), "dlq").value(), cursor);
  }
}

TEST(DeadLetterCursor, OfAnotherTopicIsRefusedByName) {
  const auto read = read_dead_letter_cursor(dead_letter_cursor_text({{0, 1}}, "dlq"), "other");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().status, 422);
  EXPECT_EQ(read.error().field, "cursor");
}

TEST(DeadLetterCursor, WhatIsNoCursorIsRefused) {
  const std::string good = dead_letter_cursor_text({{0, 1}}, "dlq");
  std::string other_version = good;
  other_version[0] = 'C';
  const std::string nothing = dead_letter_cursor_text({}, "dlq");
  const std::string negative = dead_letter_cursor_text({{-1, 1}}, "dlq");
  const std::string before_all = dead_letter_cursor_text({{0, -1}}, "dlq");
  for (const std::string& text : {std::string{}, std::string{"7"}, good + "A", good.substr(1), good + "=",
                                  std::string{"%%%"}, other_version, nothing, negative, before_all}) {
    EXPECT_FALSE(read_dead_letter_cursor(text, "dlq")) << text;
  }
}

}  // namespace
}  // namespace nx::rest
