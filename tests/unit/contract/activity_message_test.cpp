#include "contract/activity_message.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace nx::contract {
namespace {

const RecordMetadata kMetadata{
    .topic = "t", .partition = 2, .offset = 41, .timestamp = {1'700'000'000'123}, .traceparent = {}};

std::string users(const std::string& more) {
  return R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"x")" + more + "}";
}

Result<Activity> decode(const std::string& json, std::string_view extra = "*") {
  return decode_activity(json, kMetadata, extra);
}

std::string refusal(const std::string& json) {
  const auto activity = decode(json);
  return activity ? "taken" : activity.error().message;
}

TEST(ActivityMessage, ReadsEveryField) {
  const auto activity = decode(R"({"id":"k","recipientScope":"users","recipientIds":["u1",7,"u1"],"excludeUserIds":[8],
    "type":"payment.success","title":"Paid","body":"b","data":{"n": 1.10, "a": [1, 2]},"actorId":9,
    "organizerId":5,"merchantId":"m","occurredAt":"2026-11-23T08:44:45.117+07:00","shop":"Phở"})");

  ASSERT_TRUE(activity) << activity.error().message;
  EXPECT_EQ(activity->key, "k");
  EXPECT_EQ(activity->scope, RecipientScope::users);
  EXPECT_EQ(activity->recipient_ids, (std::vector<UserId>{{"u1"}, {"7"}, {"u1"}}));
  EXPECT_EQ(activity->excluded, (std::vector<UserId>{{"8"}}));
  EXPECT_EQ(activity->type, "payment.success");
  EXPECT_EQ(activity->title, "Paid");
  EXPECT_EQ(activity->body, "b");
  EXPECT_EQ(activity->data, R"({"n":1.10,"a":[1,2]})");
  EXPECT_EQ(activity->actor_id, "9");
  EXPECT_EQ(activity->organizer_id, "5");
  EXPECT_EQ(activity->merchant_id, "m");
  EXPECT_EQ(activity->occurred_at, (EpochMs{1'795'398'285'117}));
  EXPECT_EQ(activity->extra, R"({"shop":"Phở"})");
  EXPECT_EQ(activity->record_time, kMetadata.timestamp);
}

TEST(ActivityMessage, ALoneSurrogateInATextBecomesU_FFFDAndIsCounted) {
  const auto activity = decode(
      R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"a\ud83d","body":"\udc00","data":{"x":["\ud83d"]},"more":"\ud83d\ude00\ud83d"})");

  ASSERT_TRUE(activity) << activity.error().message;
  EXPECT_EQ(activity->title, "a\uFFFD");
  EXPECT_EQ(activity->body, "\uFFFD");
  EXPECT_EQ(activity->data, "{\"x\":[\"\uFFFD\"]}");
  EXPECT_EQ(activity->extra, "{\"more\":\"😀\uFFFD\"}");
  EXPECT_EQ(activity->replaced, 4U);
}

TEST(ActivityMessage, HalfACharacterInAnIdATypeOrANameIsRefused) {
  EXPECT_TRUE(refusal(users(R"(,"excludeUserIds":["a","b\ud83d"])")).starts_with("excludeUserIds[1]: has a lone"));
  EXPECT_TRUE(refusal(users(R"(,"id":"\udc00")")).starts_with("id: has a lone"));
  EXPECT_TRUE(refusal(users(R"(,"actorId":"\udc00")")).starts_with("actorId: has a lone"));
  EXPECT_TRUE(refusal(users(R"(,"type":"t\udc00")")).starts_with("type: has a lone"));
  EXPECT_TRUE(refusal(users(R"(,"u":{"n":{"\udc00":1}})")).starts_with("u.n: has a member name with a lone"));
}

TEST(ActivityMessage, NamesTheRecordApartFromAnyId) {
  const auto activity = decode(users(R"(,"id":"t/2/41/1700000000123")"));

  ASSERT_TRUE(activity);
  EXPECT_EQ(activity->source, "t/2/41/1700000000123");
  EXPECT_EQ(activity->key, "t/2/41/1700000000123");
  EXPECT_EQ(decode(users(""))->key, std::nullopt);
}

TEST(ActivityMessage, TakesTheScopesByAnyOfTheirNamesInAnyLetterCase) {
  for (const char* name : {"org", "ORG", "Organizer", "oRGANIZATION"}) {
    const auto activity =
        decode(std::string{R"({"recipientScope":")"} + name + R"(","orgId":"o","type":"t","title":"x"})");
    ASSERT_TRUE(activity) << name;
    EXPECT_EQ(activity->scope, RecipientScope::organizer);
    EXPECT_EQ(activity->organizer_id, "o");
  }
  EXPECT_EQ(decode(R"({"recipientScope":"MERCHANT","merchantId":3,"type":"t","title":"x"})")->merchant_id, "3");
  EXPECT_EQ(decode(R"({"recipientScope":"User","recipientIds":[1],"type":"t","title":"x"})")->scope,
            RecipientScope::users);
}

TEST(ActivityMessage, KeepsAnIntegerIdExactly) {
  const auto activity = decode(users(R"(,"actorId":9007199254740993)"));

  EXPECT_EQ(activity->actor_id, "9007199254740993");
}

TEST(ActivityMessage, ANullOptionalFieldIsAnAbsentOne) {
  const auto activity =
      decode(users(R"(,"id":null,"body":null,"data":null,"actorId":null,"excludeUserIds":null,"occurredAt":null)"));

  ASSERT_TRUE(activity);
  EXPECT_FALSE(activity->key || activity->body || activity->data || activity->actor_id || activity->occurred_at);
  EXPECT_FALSE(activity->extra);
}

TEST(ActivityMessage, TakesEpochMillisecondsAndADate) {
  EXPECT_EQ(decode(users(R"(,"occurredAt":1700000000123)"))->occurred_at, (EpochMs{1'700'000'000'123}));
  EXPECT_EQ(decode(users(R"(,"occurredAt":"1970-01-02")"))->occurred_at, (EpochMs{86'400'000}));
}

TEST(ActivityMessage, ARefusalNamesTheFieldTheProblemAndTheBound) {
  EXPECT_EQ(
      refusal(R"({"recipientScope":"users","recipientIds":["u"],"type":"t","title":")" + std::string(513, 'x') + "\"}"),
      "title: 513 bytes, the limit is 512");
  EXPECT_EQ(refusal(R"({"recipientScope":"users","recipientIds":["u",""],"type":"t","title":"x"})"),
            "recipientIds[1]: is empty; an id has 1 to 128 bytes");
  EXPECT_EQ(refusal(R"({"recipientScope":"org","type":"t","title":"x"})"), "organizerId: is missing; the scope is org");
  EXPECT_EQ(refusal(R"({"recipientScope":"all","type":"t","title":"x"})"),
            "recipientScope: 'all' is not one of org, merchant, users");
  EXPECT_EQ(refusal(R"({"type":"t","title":"x"})"), "recipientScope: is missing; it is one of org, merchant, users");
  EXPECT_EQ(refusal(R"({"recipientScope":1,"type":"t","title":"x"})"),
            "recipientScope: must be a string, one of org, merchant, users");
  EXPECT_EQ(refusal(users(R"(,"occurredAt":"2026-02-31T00:00:00Z")")),
            "occurredAt: '2026-02-31T00:00:00Z' is not a valid ISO 8601 date-time");
  EXPECT_EQ(refusal(users(R"(,"body":"a\u0000b")")), "body: holds U+0000, which PostgreSQL cannot store");
  EXPECT_TRUE(refusal("{").starts_with("not JSON: ")) << refusal("{");
}

TEST(ActivityMessage, ARefusalShowsAtMost64BytesOfAValueAndNoHalfCharacter) {
  std::string name;
  for (int i = 0; i < 40; ++i) name += "é";

  const std::string text = refusal(R"({"recipientScope":")" + name + R"(","type":"t","title":"x"})");

  const auto shown = text.substr(text.find('\'') + 1, text.rfind('\'') - text.find('\'') - 1);
  EXPECT_LE(shown.size(), 64U);
  EXPECT_TRUE(shown.ends_with("é...")) << shown;
}

TEST(ActivityMessage, KeepsUnknownFieldsUpTo8KiB) {
  const std::string frame = R"({"blob":""})";
  const auto kept = decode(users(R"(,"blob":")" + std::string(8'192 - frame.size(), 'x') + '"'));
  const auto dropped = decode(users(R"(,"blob":")" + std::string(8'193 - frame.size(), 'x') + '"'));

  EXPECT_EQ(kept->extra->size(), 8'192U);
  EXPECT_FALSE(extra_was_dropped(*kept));
  EXPECT_EQ(dropped->extra, R"({"$dropped":8193})");
  EXPECT_TRUE(extra_was_dropped(*dropped));
}

// "*" is counted at once, a list of names member by member.
TEST(ActivityMessage, ExtraIsAsLargeHoweverItIsCounted) {
  const std::string more = R"(, "b\u006cob" : ")" + std::string(9'000, 'y') +
                           R"(","body":null,"a" : [1 , {"x":1,"x":2}],"\u0069d":"k","actorId":null,"a":["\u00e9\n"])";
  const auto all = decode(users(more + R"(,"id":7)"), "*");
  const auto listed = decode(users(more + R"(,"id":7)"), "a,blob");
  ASSERT_TRUE(all->extra && listed->extra);
  EXPECT_EQ(*all->extra, *listed->extra);
  EXPECT_EQ(*all->extra, R"({"$dropped":9024})");
  EXPECT_EQ(all->key, "7");
}

TEST(ActivityMessage, KeepsOnlyTheUnknownFieldsThatAreAskedFor) {
  const std::string message = users(R"(,"a":1,"b":2,"c":null)");

  EXPECT_EQ(decode(message, "*")->extra, R"({"a":1,"b":2,"c":null})");
  EXPECT_EQ(decode(message, "b, c")->extra, R"({"b":2,"c":null})");
  EXPECT_EQ(decode(message, "")->extra, std::nullopt);
  EXPECT_EQ(decode(message, "d")->extra, std::nullopt);
}

TEST(ActivityMessage, HoldsTheRulesOfTextAndNumbersInUnknownFieldsThatAreNotKept) {
  EXPECT_EQ(decode(users(R"(,"note":"a\u0000")"), "").error().kind, ErrorKind::invalid);
  EXPECT_EQ(decode(users(R"(,"note":[1e200000])"), "").error().message,
            "note[0]: is a number beyond PostgreSQL's numeric (131072 digits before, 16383 after the decimal point)");
}

TEST(ActivityMessage, BoundsWhatItsNumbersAreWhenTheyAreReadBack) {
  EXPECT_EQ(decode(users(R"(,"data":{"n":1e131071})"))->data, R"({"n":1e131071})");
  EXPECT_EQ(decode(users(R"(,"data":{"n":[1e131071,1e131071]})")).error().message,
            "data: its numbers written out, 262153 bytes, the limit is 163840");
  EXPECT_EQ(decode(users(R"(,"n":[1e131071,1e131071])"), "*")->extra, R"({"$dropped":25})");
}

TEST(ActivityMessage, KeepsAWellFormedTraceparentOnly) {
  const auto with = [](std::string_view header) {
    RecordMetadata metadata = kMetadata;
    metadata.traceparent = header;
    return decode_activity(users(""), metadata)->traceparent;
  };

  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_EQ(with(good), good);
  EXPECT_EQ(with(good + "-later"), good + "-later");
  EXPECT_EQ(with(""), std::nullopt);
  EXPECT_EQ(with("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), std::nullopt);
  EXPECT_EQ(with(good + "x"), std::nullopt);
  EXPECT_EQ(with(good + "-\xff"), std::nullopt);
}

}  // namespace
}  // namespace nx::contract
