#include "rest/query_parameters.hpp"

#include <gtest/gtest.h>

#include "model/percent.hpp"

namespace nx::rest {
namespace {

TEST(QueryParametersPercent, DecodesUtf8AndRefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode_utf8("a%20b+c%2fd", PlusSign::literal), "a b+c/d");
  EXPECT_EQ(percent_decode_utf8("a+b%2B", PlusSign::space), "a b+");
  EXPECT_EQ(percent_decode_utf8("%E2%82%ac", PlusSign::literal), "\xE2\x82\xAC");
  EXPECT_EQ(percent_decode_utf8("", PlusSign::literal), "");
  for (const char* text : {"%", "%2", "%zz", "a%4", "%ff", "%C0%80", "%-1"})
    EXPECT_FALSE(percent_decode_utf8(text, PlusSign::space)) << text;
}

TEST(QueryParameters, AreDecodedByName) {
  const auto query = QueryParameters::parse("&limit=5&&cursor=a%3Db&unread=true&empty=&bare");
  ASSERT_TRUE(query);
  EXPECT_EQ(**query->integer("limit", 1, 100), 5);
  EXPECT_EQ(query->text("cursor"), "a=b");
  EXPECT_EQ(query->flag("unread"), true);
  EXPECT_EQ(query->flag("archived"), false);
  EXPECT_EQ(query->text("empty"), "");
  EXPECT_TRUE(query->has("bare"));
  EXPECT_FALSE(query->has("absent"));
}

TEST(QueryParameters, WhatIsNoIntegerInRangeIsRefusedByName) {
  for (const char* value : {"", "0", "101", "-1", "5x", "+5", "5.0", " 5", "99999999999999999999", "1e1"}) {
    const auto query = QueryParameters::parse("limit=" + std::string{value});
    ASSERT_TRUE(query);
    const auto limit = query->integer("limit", 1, 100);
    ASSERT_FALSE(limit) << value;
    EXPECT_EQ(limit.error().status, 422);
    EXPECT_EQ(limit.error().field, "limit");
  }
}

TEST(QueryParameters, AFlagIsTrueOrFalse) {
  for (const char* value : {"", "1", "yes", "TRUE"}) {
    EXPECT_FALSE(QueryParameters::parse("unread=" + std::string{value})->flag("unread")) << value;
  }
  EXPECT_EQ(QueryParameters::parse("unread=false")->flag("unread"), false);
}

TEST(QueryParameters, GivenTwiceIsRefusedAndBrokenEscapesAreMalformed) {
  EXPECT_EQ(QueryParameters::parse("a=1&b=2&a=1").error().field, "a");
  EXPECT_EQ(QueryParameters::parse("a=%zz").error().status, 400);
}

}  // namespace
}  // namespace nx::rest
