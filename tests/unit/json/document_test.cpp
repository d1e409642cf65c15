#include "json/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::json {
namespace {

Document read(std::string_view text, LoneSurrogates lone = LoneSurrogates::refused) {
  auto document = Document::read(text, {.lone_surrogates = lone});
  EXPECT_TRUE(document) << text << ": " << document.error().message;
  return document ? std::move(*document) : std::move(*Document::read("null"));
}

TEST(Document, PicksMembersByTheNameThatTheyMean) {
  const auto document = read(R"({"a":1,"\u0062":"x","c":{"a":[2]},"a":3})");
  const View root = document.root();
  EXPECT_EQ(root.find("a").raw(), "3");
  EXPECT_EQ(root.find("b").text(), "x");
  EXPECT_FALSE(root.find("d"));
  EXPECT_FALSE(root.find("a").find("a"));
  constexpr std::array<std::string_view, 3> kNames{"c", "none", "b"};
  const auto [c, none, b] = root.pick(kNames);
  EXPECT_EQ(c.raw(), R"({"a":[2]})");
  EXPECT_FALSE(none);
  EXPECT_TRUE(b.text_is("x"));
}

TEST(Document, AValueIsTheSliceOfTextThatItIs) {
  const auto document = read("  { \"d\" : { \"n\" : 1.50 , \"l\" : [ 1 , \"\\u00e9\" ] } , \"e\" : [ ] } \n");
  EXPECT_EQ(document.root().find("d").raw(), R"({ "n" : 1.50 , "l" : [ 1 , "\u00e9" ] })");
  EXPECT_EQ(document.root().find("e").raw(), "[ ]");
  EXPECT_EQ(document.root().raw(), "{ \"d\" : { \"n\" : 1.50 , \"l\" : [ 1 , \"\\u00e9\" ] } , \"e\" : [ ] }");
  EXPECT_EQ(write(document.root()), R"({"d":{"n":1.50,"l":[1,"é"]},"e":[]})");
}

TEST(Document, WalksOverItemsAndOverTheLastOfEachName) {
  const auto document = read(R"({"i":[1,[2,3],{"x":4},"y"],"few":{"a":1,"b":2,"\u0061":3}})");
  std::vector<std::string> items;
  for (const View item : document.root().find("i").items()) items.emplace_back(item.raw());
  EXPECT_THAT(items, testing::ElementsAre("1", "[2,3]", R"({"x":4})", R"("y")"));
  EXPECT_EQ(document.root().find("i").items().count(), 4U);
  EXPECT_EQ(write(document.root().find("few")), R"({"b":2,"a":3})");
  EXPECT_EQ(document.root().items().begin(), document.root().items().end());
}

TEST(Document, OfManyMembersTheLastOfEachNameStaysToo) {
  std::string text = "{", kept = "{";
  for (int i = 0; i < 300; ++i) text += "\"n" + std::to_string(i) + "\":0,\"\\u006e" + std::to_string(i) + "\":1,";
  for (int i = 0; i < 300; ++i) kept += "\"n" + std::to_string(i) + "\":1,";
  text.back() = kept.back() = '}';
  EXPECT_EQ(write(read(text).root()), kept);
}

TEST(Document, ALoneSurrogateBecomesU_FFFD) {
  EXPECT_FALSE(Document::read(R"("\ud83d")"));
  struct Case {
    const char* text;
    const char* meant;
    std::size_t replaced;
  };
  for (const Case& one : {Case{R"("a\ud83d")", "a\uFFFD", 1}, Case{R"("\uDE00\ud83d\ude00")", "\uFFFD😀", 1},
                          Case{R"("\ud83d\ud83d\ude00x")", "\uFFFD😀x", 1}, Case{R"("\\ud83d")", "\\ud83d", 0},
                          Case{R"("\ud83d\u0041")", "\uFFFDA", 1}}) {
    const auto document = read(one.text, LoneSurrogates::replaced);
    EXPECT_EQ(document.root().text(), one.meant) << one.text;
    EXPECT_EQ(document.summary().replaced, one.replaced) << one.text;
    EXPECT_EQ(document.root().was_cut(), one.replaced > 0) << one.text;
  }
  EXPECT_EQ(read(R"({"d":["\udc00"]})", LoneSurrogates::replaced).root().find("d").raw(), R"(["\ufffd"])");
  EXPECT_FALSE(Document::read(R"("\ud83d\u00")", {.lone_surrogates = LoneSurrogates::replaced}));
}

TEST(Document, SaysWhatAStringHolds) {
  const auto document = read(R"(["a\u0000","\u00000","plain","é\n"])");
  std::vector<bool> nul;
  std::vector<std::size_t> sizes;
  for (const View item : document.root().items()) {
    nul.push_back(item.has_nul());
    sizes.push_back(item.text_size());
  }
  EXPECT_THAT(nul, testing::ElementsAre(true, true, false, false));
  EXPECT_THAT(sizes, testing::ElementsAre(2U, 2U, 5U, 3U));
}

// What is no JSON although every token of it is.
TEST(Document, RefusesTokensInTheWrongPlaces) {
  for (const char* text : {R"(["a":1])",
                           R"({"a" 1})",
                           R"({"a":1 "b":2})",
                           R"({1:2})",
                           R"({"a"})",
                           R"({"a":})",
                           R"({,"a":1})",
                           "[1 2]",
                           "[,1]",
                           "[1,,2]",
                           "[1}",
                           R"({"a":1])",
                           "[[1]",
                           "[1]]",
                           "{}}",
                           R"(["a""b"])",
                           R"(["a"b])",
                           R"({"a":1}x)",
                           "[tru]",
                           "[nulll]",
                           "[1true]",
                           "[-]",
                           "[1e]",
                           "[.5]",
                           "[00]",
                           "\"a",
                           "\"a\"b",
                           "\"a\" \"b\"",
                           ":",
                           "]",
                           R"({"\x":1})",
                           R"({"a":"\u12"})",
                           "[\"\t\"]",
                           "[\xff]",
                           "[1,]",
                           R"({"a":[1,{"b":2},]})"}) {
    EXPECT_FALSE(Document::read(text)) << text;
  }
}

TEST(Document, KnowsHowManyBytesItWouldWrite) {
  for (const char* text :
       {"null", "[]", "{}", "[ ]", "12.50", R"("\u00e9\u0001\/")", R"([1 , "a\n",{ },[ ]])",
        R"({"a" : 1,"\u0061":[true ,2],"b\"":"c"})", R"([[],[[]],{"a":{"b":[{}]}},{"a":1,"a":[2,{"x":3}]}])",
        R"("\"\\\/\b\f\n\r\t\u0008\u001f\u0022\u005c\u0041\u00E9\u20aC\ud83d\ude00é€😀")",
        R"({"x":{"a":0,"a":0},"x":{"a":[1],"a":[]},"a\u0000":0,"a\u0000":{}})"}) {
    const auto document = read(text, LoneSurrogates::replaced);
    EXPECT_EQ(written_size(document.root()), write(document.root()).size()) << text;
    for (const auto& [name, value] : document.root().members()) {
      EXPECT_EQ(written_size(name), write(name).size()) << text;
      EXPECT_EQ(written_size(value), write(value).size()) << text;
    }
  }
}

TEST(Document, SaysWhatIsWrongAndWhere) {
  const auto error = [](std::string_view text) { return Document::read(text, {.max_depth = 2}).error().message; };
  EXPECT_EQ(error(R"({"a" 1})"), "not JSON: no colon behind a name at byte 5");
  EXPECT_EQ(error("{1:2}"), "not JSON: no name of a member at byte 1");
  EXPECT_EQ(error("[1 2]"), "not JSON: no comma behind a value at byte 3");
  EXPECT_EQ(error("[1}"), "not JSON: no comma behind a value at byte 2");
  EXPECT_EQ(error("[1"), "not JSON: a container without end at byte 2");
  EXPECT_EQ(error("{"), "not JSON: no name of a member at byte 1");
  EXPECT_EQ(error("[1,"), "not JSON: no value at byte 3");
  EXPECT_EQ(error("[tru ]"), "not JSON: no value at byte 1");
  EXPECT_EQ(error("1 2"), "not JSON: more text at byte 2");
  EXPECT_EQ(error("[] 2"), "not JSON: more text at byte 3");
  EXPECT_EQ(error("[[[]]]"), "not JSON: too deep at byte 2");
  EXPECT_EQ(error(R"(["\x"])"), "not JSON: no escape sequence at byte 1");
  EXPECT_TRUE(error("").starts_with("not JSON: "));
  EXPECT_TRUE(error("  ").starts_with("not JSON: "));
  EXPECT_TRUE(error("\"a").starts_with("not JSON: "));
}

TEST(Document, HasNoMemoryOfTheDocumentBefore) {
  { const auto first = read(R"({"a":"\ud83d"})", LoneSurrogates::replaced); }
  const auto outer = read(R"({"a":1})");
  const auto inner = read(R"({"b":[2]})");
  EXPECT_EQ(outer.root().find("a").raw(), "1");
  EXPECT_EQ(inner.root().find("b").raw(), "[2]");
  EXPECT_EQ(outer.summary().replaced, 0U);
}

}  // namespace
}  // namespace nx::json
