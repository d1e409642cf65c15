#include "app/printable.hpp"

#include <gtest/gtest.h>

namespace nx::app {
namespace {

TEST(Printable, ControlCharactersOfBothSetsBecomeQuestionMarks) {
  EXPECT_EQ(printable("a\nb\x1b[2Jc\x7f"), "a?b?[2Jc?");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2J\xc2\x85z"),
            "a?2J?z");
}

TEST(Printable, OtherTextIsKept) {
  EXPECT_EQ(printable("Grüße, 日本\xc2\xa0!"), "Grüße, 日本\xc2\xa0!");
  EXPECT_EQ(printable("cut \xc2"), "cut \xc2");
}

}  // namespace
}  // namespace nx::app
