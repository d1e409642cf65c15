#include "store/sqlite/jsonb_text.hpp"

#include <gtest/gtest.h>

namespace nx::store::sqlite {
namespace {

constexpr const char* kDocument =
    R"({"n":1.50e1,"s":"a\"b","t":true,"z":null,"l":[1,{"bb":1,"a":[]},"x"],"o":{"bb":2,"a":{"c":"\u0001/é"}},"00":7,"n":2.0})";

TEST(JsonbText, IsWhatPostgreSqlWrites) {
  EXPECT_EQ(text_at(kDocument, "n"), "2.0");  // the last of one name
  EXPECT_EQ(text_at(kDocument, "s"), "a\"b");
  EXPECT_EQ(text_at(kDocument, "t"), "true");
  EXPECT_EQ(text_at(kDocument, "z"), std::nullopt);
  EXPECT_EQ(text_at(kDocument, "nope"), std::nullopt);
  EXPECT_EQ(text_at(kDocument, "l"), R"([1, {"a": [], "bb": 1}, "x"])");
  EXPECT_EQ(text_at(kDocument, "l.1.bb"), "1");
  EXPECT_EQ(text_at(kDocument, "l.01"), R"({"a": [], "bb": 1})");
  EXPECT_EQ(text_at(kDocument, "l.x"), std::nullopt);
  EXPECT_EQ(text_at(kDocument, "l.99999999999999999999"), std::nullopt);
  EXPECT_EQ(text_at(kDocument, "o"), R"({"a": {"c": "\u0001/é"}, "bb": 2})");
  EXPECT_EQ(text_at(kDocument, "00"), "7");
  EXPECT_EQ(text_at(R"({"a":1})", ""), R"({"a": 1})");
  EXPECT_EQ(text_at("no JSON", "a"), std::nullopt);
}

TEST(JsonbText, EqualDocumentsHaveEqualText) {
  EXPECT_EQ(equal_text(R"({"a":1.0,"b":[1e1]})"), equal_text(R"({ "b":[10.00] , "a":1 })"));
  EXPECT_NE(equal_text(R"({"a":1})"), equal_text(R"({"a":"1"})"));
}

TEST(JsonbText, ItsBytesCompareAsJsonbDoes) {
  const std::vector<std::string> ascending{"[]", "null", R"("")", R"("a")", R"("é")", "-7.5",
                                           "0",  "10",   "false", "true",   "[0]",    "{}"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    const auto a = order_at(R"({"v":)" + ascending[i] + "}", "v"),
               b = order_at(R"({"v":)" + ascending[i + 1] + "}", "v");
    EXPECT_LT(a->compare(*b), 0) << ascending[i] << " " << ascending[i + 1];
  }
  EXPECT_EQ(order_at(R"({"v":[1]})", "v"), order_at(R"({"v":[2,3]})", "v"));
  EXPECT_EQ(order_at("{}", "v"), std::nullopt);
}

}  // namespace
}  // namespace nx::store::sqlite
