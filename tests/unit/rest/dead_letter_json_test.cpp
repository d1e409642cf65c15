#include "rest/dead_letter_json.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace nx::rest {
namespace {

replay::DeadLetter letter(std::string value) {
  return replay::shown_dead_letter({.at = {0, 4},
                                    .timestamp = 1'796'025'600'000,
                                    .key = "o1",
                                    .headers = {{"own", "1"},
                                                {"empty", std::nullopt},
                                                {"own", "2"},
                                                {"signal.reason", "type: is missing"},
                                                {"signal.topic", "t"},
                                                {"signal.partition", "2"},
                                                {"signal.offset", "17"}},
                                    .value = std::move(value)});
}

std::string json_of(replay::DeadLetter one) {
  replay::DeadLetterPage page;
  page.letters.push_back(std::move(one));
  return dead_letters_json(page);
}

TEST(DeadLetterJson, HasPositionReasonSourceAndTheMessagesOwnHeaders) {
  EXPECT_EQ(json_of(letter("{}")),
            R"({"count":1,"data":[{"partition":0,"offset":4,"time":"2026-11-30T08:00:00.000Z",)"
            R"("reason":"type: is missing","source":{"topic":"t","partition":2,"offset":17},"key":"o1",)"
            R"("headers":{"empty":null,"own":"2"},"value":"{}","truncated":false,"replaced":false}]})");
}

TEST(DeadLetterJson, OfARecordThatIsNoLetterHasNulls) {
  const auto json = json::parse(json_of(replay::shown_dead_letter({})));
  ASSERT_TRUE(json);
  const json::Value& only = json->find("data")->items().front();
  for (const char* name : {"time", "source", "key"}) EXPECT_TRUE(only.find(name)->is_null()) << name;
  EXPECT_EQ(only.find("reason")->text(), "");
}

TEST(DeadLetterJson, CutsALongValueAndSaysSo) {
  const auto json = json::parse(json_of(letter(std::string(65'537, 'x'))));
  ASSERT_TRUE(json);
  const json::Value& only = json->find("data")->items().front();
  EXPECT_EQ(only.find("value")->text().size(), 65'536U);
  EXPECT_TRUE(only.find("truncated")->as_bool());
  EXPECT_FALSE(letter(std::string(65'536, 'x')).truncated);
}

TEST(DeadLetterJson, CutsBetweenTwoCharactersAndSaysWhatTheWholeValueHas) {
  const std::string shown(65'535, 'x');
  const auto json = json::parse(json_of(letter(shown + "€")));
  ASSERT_TRUE(json);
  const json::Value& only = json->find("data")->items().front();
  EXPECT_EQ(only.find("value")->text(), shown);
  EXPECT_FALSE(only.find("replaced")->as_bool());
  EXPECT_FALSE(letter(shown + "x\xff").is_utf8) << "although the part that is shown is";
  EXPECT_EQ(letter(std::string(70'000, '\x80')).record.value.size(), 65'536U);
}

TEST(DeadLetterJson, ShowsBytesThatAreNotUtf8AsReplacementsAndSaysSo) {
  const auto json = json::parse(json_of(letter(std::string("a\xff\0€", 6))));
  ASSERT_TRUE(json);
  const json::Value& only = json->find("data")->items().front();
  EXPECT_EQ(only.find("value")->text(), std::string("a\xEF\xBF\xBD\0€", 8));
  EXPECT_TRUE(only.find("replaced")->as_bool());
  EXPECT_EQ(as_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(as_utf8(""), "");
}

}  // namespace
}  // namespace nx::rest
