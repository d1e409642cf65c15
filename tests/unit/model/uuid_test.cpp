#include "model/uuid.hpp"

#include <gtest/gtest.h>

namespace nx {
namespace {

TEST(Uuid, TextGoesBothWays) {
  const char* text = "0190c2a4-8e3b-7cde-8f01-23456789abcd";
  const auto bytes = parse_uuid(text);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(uuid_text(*bytes), text);
  EXPECT_EQ(parse_uuid("0190C2A4-8E3B-7CDE-8F01-23456789ABCD"), bytes);
}

TEST(Uuid, RefusesOtherShapes) {
  for (const char* text : {"", "0190c2a48e3b7cde8f0123456789abcd", "0190c2a4-8e3b-7cde-8f01-23456789abcg",
                           "0190c2a4-8e3b-7cde-8f01-23456789abc", "0190c2a4_8e3b-7cde-8f01-23456789abcd"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace nx
