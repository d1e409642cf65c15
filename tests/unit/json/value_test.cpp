#include "json/value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::json {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse(text);
  return value ? write(*value) : "error: " + value.error().message;
}

TEST(Value, KeepsNumbersToTheDigit) {
  EXPECT_EQ(round_trip(R"([9007199254740993, 1.50, -0, 1e400, 123456789012345678901234567890, 0.1e-7])"),
            R"([9007199254740993,1.50,-0,1e400,123456789012345678901234567890,0.1e-7])");
}

TEST(Value, WritesAsJsonStringifyDoes) {
  EXPECT_EQ(
      round_trip(" { \"a/b\" : \"\\u00e9\\u001f\\n\\\"\\\\ \\/ \\ud83d\\ude00\" , \"n\" : [ true , false , null ] } "),
      "{\"a/b\":\"é\\u001f\\n\\\"\\\\ / 😀\",\"n\":[true,false,null]}");
}

TEST(Value, KeepsMemberOrderAndTheLastOfRepeatedNames) {
  EXPECT_EQ(round_trip(R"({"z":1,"a":2,"z":3,"b":{"x":1,"x":2}})"), R"({"a":2,"z":3,"b":{"x":2}})");
}

// Each of them once erased what follows it: hours, where the test's own time-out is two minutes.
TEST(Value, ReadsAMillionRepeatedNames) {
  std::string text = "{";
  for (int i = 0; i < 1'000'000; ++i) text += R"("a":0,)";
  text += R"("b":1,"a":2})";
  EXPECT_EQ(round_trip(text), R"({"b":1,"a":2})");
}

TEST(Value, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "nul",
                           "01",
                           "1.",
                           "+1",
                           "'a'",
                           "\"\x01\"",
                           "\"\\x\"",
                           "1 2",
                           "{} []",
                           "\"\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "NaN",
                           "\xef\xbb\xbf{}",
                           "/**/1",
                           "[1"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Value, SaysWhereItStopped) {
  EXPECT_THAT(parse("{\"a\":tru1}").error().message, testing::HasSubstr("at byte"));
}

TEST(Value, BoundsTheDepth) {
  const std::string fits = std::string(64, '[') + std::string(64, ']');
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  const std::string abyss = std::string(10'000, '[');

  EXPECT_TRUE(parse(fits));
  EXPECT_FALSE(parse(deep));
  EXPECT_FALSE(parse(abyss));
}

TEST(Value, ReadsIdsByTheirDecimalText) {
  EXPECT_EQ(parse("\"u1\"")->as_id(), "u1");
  EXPECT_EQ(parse("9007199254740993")->as_id(), "9007199254740993");
  EXPECT_EQ(parse("-5")->as_id(), "-5");
  for (const char* text : {"1.0", "1e3", "true", "null", "-0", "{}", "[]"})
    EXPECT_EQ(parse(text)->as_id(), std::nullopt) << text;
}

TEST(Value, ReadsIntegersInRange) {
  EXPECT_EQ(parse("9223372036854775807")->as_int64(), 9223372036854775807);
  EXPECT_EQ(parse("9223372036854775808")->as_int64(), std::nullopt);
  EXPECT_EQ(parse("1.5")->as_int64(), std::nullopt);
  EXPECT_EQ(parse("\"1\"")->as_int64(), std::nullopt);
}

TEST(Value, AcceptsHugeExponentsAsText) {
  EXPECT_EQ(round_trip("1e200000"), "1e200000");
}

TEST(Value, FindsMembers) {
  const auto value = parse(R"({"a":null,"b":"x"})");
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->find("a")->is_null());
  EXPECT_EQ(value->find("b")->text(), "x");
  EXPECT_EQ(value->find("c"), nullptr);
}

}  // namespace
}  // namespace nx::json
