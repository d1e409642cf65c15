#include "contract/storable.hpp"

#include <gtest/gtest.h>

namespace nx::contract {
namespace {

// The expectations are what PostgreSQL 15 answers to SELECT '[…]'::jsonb.
TEST(Storable, NumbersUpToPostgreSQLsNumericFit) {
  for (const char* fits : {"0", "-1", "1.5", "1e131071", "9.99e131071", "0.001e131074", "1e-16383", "1.0e-16382",
                           "0e200000", "0.0e999999999", "123456789012345678901234567890", "-1E+5"}) {
    EXPECT_TRUE(fits_numeric(fits)) << fits;
  }
}

TEST(Storable, NumbersBeyondPostgreSQLsNumericDoNotFit) {
  for (const char* not_fitting :
       {"1e131072", "10e131071", "-1e131072", "0.001e131075", "1e200000", "1e-16384", "1.0e-16383", "0e-16384",
        "0e1073741823", "0.0e999999999999999999999", "1e99999999999999999999999999", "1e-99999999999999999999999999"}) {
    EXPECT_FALSE(fits_numeric(not_fitting)) << not_fitting;
  }
}

TEST(Storable, CountsTheDigitsOfPlainNumbersToo) {
  EXPECT_TRUE(fits_numeric(std::string(131'072, '9')));
  EXPECT_FALSE(fits_numeric(std::string(131'073, '9')));
  EXPECT_TRUE(fits_numeric("0." + std::string(16'383, '1')));
  EXPECT_FALSE(fits_numeric("0." + std::string(16'384, '1')));
}

TEST(Storable, KnowsByHowMuchNumbersGrowWhenTheyAreWrittenOut) {
  const auto growth = [](const char* text) { return written_out_growth(json::Document::read(text)->root()); };
  EXPECT_EQ(growth(R"({"a":[1,-2.5,123456,"1e9"],"b":null})"), 0U);
  EXPECT_EQ(growth("1e131071"), 131'072U - 8);
  EXPECT_EQ(growth("1e-16383"), 16'384U - 8);
  EXPECT_EQ(growth(R"({"a":[1e9,{"b":1e9}]})"), 2 * (10U - 3));
}

TEST(Storable, NamesThePathToWhatCanNotBeStored) {
  const auto problem = [](const char* text) {
    return check_storable(json::Document::read(text)->root()).error().message;
  };

  EXPECT_TRUE(problem(R"({"a":{"b":[1,"x\u0000"]}})").starts_with("a.b[1]: holds U+0000"));
  EXPECT_TRUE(problem(R"({"a\u0000":1})").starts_with("message: has a member name with U+0000"));
  EXPECT_TRUE(problem(R"([1e131072])").starts_with("[0]: is a number beyond"));
}

TEST(Storable, APathIsCutBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "é";

  const auto document = json::Document::read("{\"" + name + R"(":"\u0000"})");
  const auto checked = check_storable(document->root());

  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message.substr(0, checked.error().message.find(':')).ends_with("é..."));
}

}  // namespace
}  // namespace nx::contract
