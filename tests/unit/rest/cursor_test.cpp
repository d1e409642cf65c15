#include "rest/cursor.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace nx::rest {
namespace {

TEST(Cursor, GoesBothWaysForItsFilter) {
  for (const std::int64_t seq : {std::int64_t{1}, std::int64_t{255}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(read_cursor(cursor_text(seq, "inbox"), "inbox"), seq);
  }
}

TEST(Cursor, OfAnotherFilterIsRefusedByName) {
  const auto read = read_cursor(cursor_text(7, "inbox"), "unread");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().status, 422);
  EXPECT_EQ(read.error().field, "cursor");
  EXPECT_EQ(read.error().problem, "belongs to another filter");
}

TEST(Cursor, WhatIsNoCursorIsRefused) {
  const std::string good = cursor_text(7, "inbox");
  std::string other_version = good;
  other_version[0] = 'B';
  for (const std::string& text :
       {std::string{}, std::string{"7"}, good + "A", good.substr(1), good + "=", std::string{"%%%"}, other_version}) {
    EXPECT_FALSE(read_cursor(text, "inbox")) << text;
  }
}

}  // namespace
}  // namespace nx::rest
