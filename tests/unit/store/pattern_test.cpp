#include "store/pattern.hpp"

#include <re2/re2.h>

#include <gtest/gtest.h>

#include "store/case_folding.hpp"

namespace nx::store {
namespace {

std::string portable(const std::string& expression, Case letter_case = Case::sensitive) {
  const auto pattern = portable_pattern(expression, letter_case);
  return pattern ? *pattern : "refused: " + pattern.error().message;
}

bool matches(const std::string& text, const std::string& expression, Case letter_case = Case::sensitive) {
  RE2::Options options;
  options.set_dot_nl(true);
  return RE2::PartialMatch(text, RE2(portable(expression, letter_case), options));
}

std::string grouped(std::size_t times) {
  std::string out(times, '(');
  out += 'a';
  return out.append(times, ')');
}

TEST(Pattern, TakesWhatBothDatabasesUnderstand) {
  EXPECT_EQ(portable("a(b|c)*d+?"), "a(?:b|c)*d+");
  EXPECT_EQ(portable("(?:a|)"), "(?:a|(?:))");
  EXPECT_EQ(portable(""), "(?:)");
  EXPECT_EQ(portable("^[a-c\\d_-]{2,3}$"), "^[\\-0-9_a-c]{2,3}$");
  EXPECT_EQ(portable("[^]a]"), "[^\\]a]");
  EXPECT_EQ(portable("[[:digit:]x]"), "[0-9x]");
  EXPECT_EQ(portable("\\.\\/\\-"), "\\.\\/\\-");
  EXPECT_EQ(portable("a]}"), "a\\]\\}");
  EXPECT_EQ(portable("Đ\\w"), "Đ[0-9A-Z_a-z]");
  EXPECT_EQ(portable("***:a"), "refused: nothing to repeat before * + ? or {");
}

TEST(Pattern, RefusesByNameWhatOneOfThemLacks) {
  for (const char* expression :
       {"(a)\\1",  "\\bword", "(?=a)", "(?!a)",      "(?i)a",    "(?<n>a)", "\\p{L}",   "\\x41", "\\Z",
        "[[.a.]]", "[[=a=]]", "[\\b]", "[[:word:]]", "[a-\\d]",  "[z-a]",   "(",        ")",     "a)",
        "[a",      "[]",      "a{",    "a{1",        "a{2,1}",   "a{256}",  "a{1,999}", "*",     "a**",
        "a+*",     "a{2}{3}", "^*",    "(^a)+",      "($|b){2}", "\\",      "a|*"}) {
    const auto pattern = portable_pattern(expression, Case::sensitive);
    ASSERT_FALSE(pattern) << expression << " became " << *pattern;
    EXPECT_EQ(pattern.error().kind, ErrorKind::invalid);
    EXPECT_FALSE(pattern.error().message.empty());
  }
}

TEST(Pattern, CountsRepeatsAsPartsSoThatNoneGrowsWithoutBound) {
  EXPECT_TRUE(portable_pattern("^(t+)+$", Case::sensitive));
  EXPECT_TRUE(portable_pattern("(a{30}){30}", Case::sensitive));
  EXPECT_FALSE(portable_pattern("(a{100}){100}", Case::sensitive));
  EXPECT_FALSE(portable_pattern("((((a{9}){9}){9}){9})", Case::sensitive));
  EXPECT_FALSE(portable_pattern(std::string(1'001, 'a'), Case::sensitive));
  EXPECT_FALSE(portable_pattern(std::string(4'000, '('), Case::sensitive));
  EXPECT_FALSE(portable_pattern(grouped(60), Case::sensitive));
  EXPECT_TRUE(portable_pattern(grouped(40), Case::sensitive));
}

TEST(Pattern, WithoutRegardToCaseLettersAndRangesHoldBoth) {
  EXPECT_TRUE(matches("ĐƠN", "^đơn$", Case::insensitive));
  EXPECT_TRUE(matches("đơn", "^ĐƠN$", Case::insensitive));
  EXPECT_TRUE(matches("Đ", "^[à-đ]$", Case::insensitive));
  EXPECT_TRUE(matches("q", "^[P-R]$", Case::insensitive));
  EXPECT_FALSE(matches("q", "^[^P-R]$", Case::insensitive));
  EXPECT_FALSE(matches("q", "^[P-R]$"));
  EXPECT_EQ(portable("1-2", Case::insensitive), "1\\-2");
}

TEST(Pattern, ADotAndANegatedClassTakeALineEnd) {
  EXPECT_TRUE(matches("a\nb", "^a.b$"));
  EXPECT_TRUE(matches("a\nb", "^a[^x]b$"));
  EXPECT_FALSE(matches("a\nb", "^a$"));
}

TEST(Pattern, LikeIsThatOfPostgreSql) {
  const struct {
    const char* text;
    const char* pattern;
    bool like;
  } cases[] = {{"abc", "a%", true},       {"abc", "%b%", true},   {"abc", "_bc", true},     {"abc", "_c", false},
               {"", "%", true},           {"", "", true},         {"", "_", false},         {"a", "", false},
               {"đơn", "_ơ_", true},      {"a%b", "a\\%b", true}, {"axb", "a\\%b", false},  {"a_b", "a\\_b", true},
               {"a\\b", "a\\\\b", true},  {"aab", "%a_", true},   {"aXbXc", "a%X%c", true}, {"ab", "%ab%ab%", false},
               {"abab", "%ab%ab%", true}, {"a\nb", "a_b", true},  {"aab", "a%ab", true},    {"ab", "a%ab", false},
               {"xay", "%_a_%", true},    {"ay", "%_a_%", false}, {"abc", "ABC", false},    {"ééé", "%é_", true}};
  for (const auto& [text, pattern, expected] : cases)
    EXPECT_EQ(like(text, pattern), expected) << text << " " << pattern;
  EXPECT_TRUE(check_like("a\\\\"));
  EXPECT_FALSE(check_like("a\\"));
}

TEST(Pattern, AFoldedPatternNamesTheLettersThatCountAsItsOwn) {
  const FoldedPattern folded = fold_like("Đơn%A_");
  EXPECT_EQ(folded.pattern, "đơn%a_");
  EXPECT_EQ(characters_of(folded.from).size(), characters_of(folded.to).size());
  EXPECT_NE(folded.from.find("Đ"), std::string::npos);
  EXPECT_NE(folded.from.find("A"), std::string::npos);
  EXPECT_TRUE(fold_like("%_12").from.empty());
}

}  // namespace
}  // namespace nx::store
