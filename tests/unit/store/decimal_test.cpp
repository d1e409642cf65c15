#include "store/decimal.hpp"

#include <gtest/gtest.h>

namespace nx::store {
namespace {

TEST(Decimal, IsWrittenAsNumericWritesIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"5", "5"},         {"5.0", "5.0"},     {"1e3", "1000"},    {"1.50e1", "15.0"},  {"1e-7", "0.0000001"},
      {"-0", "0"},        {"-0.0", "0.0"},    {"1.0e-1", "0.10"}, {"-1.25E2", "-125"}, {"0e5", "0"},
      {"12.5e0", "12.5"}, {"100e-2", "1.00"}, {"1e+2", "100"}};
  for (const auto& [lexeme, text] : cases) EXPECT_EQ(plain_decimal(lexeme), text) << lexeme;
  for (const char* none :
       {"", "-", ".5", "5.", "1e", "abc", "0x1", " 1", "1 ", "NaN", "1e999999999999", "1e200000", "1e-200000", "--1"}) {
    EXPECT_FALSE(plain_decimal(none)) << none;
  }
}

TEST(Decimal, EqualNumbersHaveEqualText) {
  for (const char* text : {"5", "5.0", "5.000", "05"}) EXPECT_EQ(normal_decimal(text), "5") << text;
  for (const char* text : {"0", "0.0", "-0.00"}) EXPECT_EQ(normal_decimal(text), "0") << text;
  EXPECT_EQ(normal_decimal("-10.50"), "-10.5");
}

TEST(Decimal, ItsBytesCompareAsTheNumbersDo) {
  const std::vector<std::string> ascending{"-1000",  "-123", "-12.5",     "-12.45", "-12",   "-1",   "-0.5", "-0.05",
                                           "-0.049", "0",    "0.0000001", "0.04",   "0.049", "0.05", "0.5",  "1",
                                           "1.5",    "2",    "10",        "12",     "12.45", "123",  "1000"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    const std::string a = decimal_order(ascending[i]), b = decimal_order(ascending[i + 1]);
    EXPECT_LT(a.compare(b), 0) << ascending[i] << " " << ascending[i + 1];
  }
  EXPECT_EQ(decimal_order("1.0"), decimal_order("01"));
  EXPECT_EQ(decimal_order("-0.0"), decimal_order("0"));
}

TEST(Decimal, PlainTextIsTold) {
  for (const char* text : {"0", "-1", "12.50", "007"}) EXPECT_TRUE(is_plain_decimal(text)) << text;
  for (const char* text : {"", "-", "1.", ".1", "1e3", "+1", "1 ", "1,5", "١"})
    EXPECT_FALSE(is_plain_decimal(text)) << text;
  EXPECT_TRUE(is_plain_decimal(std::string(1'000, '9')));
  EXPECT_FALSE(is_plain_decimal(std::string(1'001, '9')));
}

}  // namespace
}  // namespace nx::store
