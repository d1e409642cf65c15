#include "model/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace nx {
namespace {

// RFC 3629 §3, for every code point, as the yardstick.
std::string encoded(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | (point >> 6)), byte(0x80 | (point & 63))};
  if (point < 0x10000) return {byte(0xE0 | (point >> 12)), byte(0x80 | ((point >> 6) & 63)), byte(0x80 | (point & 63))};
  return {byte(0xF0 | (point >> 18)), byte(0x80 | ((point >> 12) & 63)), byte(0x80 | ((point >> 6) & 63)),
          byte(0x80 | (point & 63))};
}

TEST(Utf8, TakesEveryScalarValueAndNoSurrogate) {
  for (std::uint32_t point = 0; point < 0x110000; ++point) {
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(is_utf8(encoded(point)), !surrogate) << std::hex << point;
  }
  EXPECT_FALSE(is_utf8(encoded(0x110000)));
}

TEST(Utf8, RefusesOverlongFormsStrayAndMissingContinuations) {
  for (const std::string bad :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\x80", "a\xBF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",
        "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xC3(", "\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_utf8(bad)) << testing::PrintToString(bad);
    EXPECT_FALSE(is_utf8("12345678" + bad)) << "behind the fast path";
    EXPECT_FALSE(is_utf8("1234567" + bad + "12345678")) << "across words";
  }
}

TEST(Utf8, JudgesTheSameInPieces) {
  const std::string text = "plain ascii text, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80 and a tail of ascii";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(std::string_view(text).substr(0, split)));
    EXPECT_TRUE(validator.feed(std::string_view(text).substr(split)));
    EXPECT_TRUE(validator.complete());
  }
}

TEST(Utf8, StaysInvalidOnceItWas) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed("\xFF"));
  EXPECT_FALSE(validator.feed("fine"));
  EXPECT_FALSE(validator.complete());
}

TEST(Utf8, MeasuresTheFirstCharacter) {
  for (std::uint32_t point = 0; point < 0x110000; point += 7) {
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(utf8_character(encoded(point) + "\x80z"), surrogate ? 0 : encoded(point).size()) << std::hex << point;
  }
  for (const std::string bad : {"", "\x80", "\xC0\x80", "\xC3", "\xE2\x82z", "\xF0\x9F\x98"}) {
    EXPECT_EQ(utf8_character(bad), 0) << testing::PrintToString(bad);
  }
}

TEST(Utf8, APrefixEndsBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("aü€😀", 2), "a");
  EXPECT_EQ(utf8_prefix("aü€😀", 5), "aü");
  EXPECT_EQ(utf8_prefix("aü€😀", 9), "aü€");
  EXPECT_EQ(utf8_prefix("ü", 0), "");
}

TEST(Utf8, WritesEachLength) {
  for (const auto& [character, text] : {std::pair{U'a', "a"}, {U'ü', "ü"}, {U'€', "€"}, {U'😀', "😀"}}) {
    char bytes[4];
    EXPECT_EQ(std::string_view(bytes, static_cast<std::size_t>(write_utf8(bytes, character) - bytes)), text);
  }
}

}  // namespace
}  // namespace nx
