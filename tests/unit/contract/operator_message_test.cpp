#include "contract/operator_message.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace nx::contract {
namespace {

constexpr const char* kId = "0b7e4a55-9a37-4d0e-8a5a-0d2f3b6f1c11";
constexpr const char* kMe = "4ce589d1-9505-4355-868e-405ab8ed0253";
constexpr const char* kClient = "7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001";

ClientRecord client(const std::string& id) {
  return {.id = {id},
          .user = {"u \"1\""},
          .user_is_number = false,
          .rooms = {{"ws-default"}, {"org:ü"}},
          .connected_at = {1'795'000'000'000},
          .address = "2001:db8::1",
          .last_activity_at = {1'795'000'000'500},
          .queued_bytes = 12};
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string numbered(std::size_t number) {
  const std::string digits = std::to_string(number);
  return joined({"7b1082a6-2f6d-4a0e-9d0b-", std::string(12 - digits.size(), '0'), digits});
}

std::string head_from(std::string_view sender) {
  return joined({R"({"id":")", kId, R"(","from":")", sender, "\""});
}

TEST(OperatorMessageQuestion, IsReadAsItWasWritten) {
  const OperatorAsk asks[] = {
      ListClients{},
      ListClients{{UserId{"5"}, RoomName{"org:\"1\""}, "10.0.0.0/8"}, ClientPlace{kMe, kClient}, 101},
      ListClients{{UserId{"5"}, {}, {}}, {}, 100, 9'007'199'254'740'993},
      FindClient{{kClient}},
      DisconnectClient{{kClient}},
      DisconnectUser{{"ü"}, {1'795'000'000'123}},
      DescribeInstance{},
  };
  for (const OperatorAsk& ask : asks) {
    const OperatorQuestion question{kId, kMe, ask};
    const std::string text = question_text(question);
    const auto read = read_question(text);
    ASSERT_TRUE(read) << text << ": " << read.error().message;
    EXPECT_EQ(*read, question) << text;
  }
}

TEST(OperatorMessageAnswer, HasWhatBecameOfAHintInItsFirstSliceAlone) {
  using Outcome = PushRecord::Outcome;
  Findings findings{.count = 0, .clients = {}};
  findings.records_since = EpochMs{1'795'000'000'000};
  for (const Outcome outcome : {Outcome::pushed, Outcome::held, Outcome::caught_up, Outcome::slow_closed}) {
    findings.pushes.push_back({{1'795'000'000'123}, outcome});
  }
  while (findings.clients.size() < 1'500) findings.clients.push_back(client(kClient));
  const auto texts = answer_texts(kId, kMe, findings);
  ASSERT_GE(texts.size(), 2U);
  EXPECT_EQ(texts[1].find("recordsSince"), std::string::npos);
  findings.clients.clear();
  const auto read = read_answer(answer_texts(kId, kMe, findings).front());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->findings, findings);
}

TEST(OperatorMessageAnswer, WithAPushThatIsNoneIsRefused) {
  const std::string head = head_from(kMe) + R"(,"slice":0,"slices":1,"count":0)";
  for (const char* tail : {R"(,"recordsSince":-1})", R"(,"recordsSince":"1"})", R"(,"recordsSince":1,"pushes":[{}]})",
                           R"(,"recordsSince":1,"pushes":[{"at":1,"outcome":"eaten"}]})",
                           R"(,"recordsSince":1,"pushes":[{"at":"1","outcome":"pushed"}]})"}) {
    EXPECT_FALSE(read_answer(head + tail)) << tail;
  }
  std::string many = head + R"(,"recordsSince":1,"pushes":[)";
  for (std::size_t i = 0; i <= kMaxPushesAsked; ++i) {
    many += i == 0 ? "" : ",";
    many += R"({"at":1,"outcome":"pushed"})";
  }
  EXPECT_FALSE(read_answer(many + "]}"));
}

TEST(OperatorMessageAnswer, WithANumberThatHasNoSumOrATimeThatHasNoTextIsRefused) {
  const std::string head = head_from(kMe);
  const auto answer = [&head](std::string_view count, std::string_view since) {
    return read_answer(joined({head, R"(,"slice":0,"slices":1,"count":)", count, R"(,"recordsSince":)", since,
                               R"(,"pushes":[],"clients":[]})"}));
  };
  EXPECT_TRUE(answer("9007199254740992", "253402300799999"));
  EXPECT_FALSE(answer("9223372036854775807", "1"));
  EXPECT_FALSE(answer("1", "9223372036854775807"));
  EXPECT_FALSE(answer("1", "253402300800000"));
}

TEST(OperatorMessageQuestion, IsRefusedWhenContractDidNotMakeIt) {
  const std::string head = head_from(kMe);
  const std::string tails[] = {
      "",
      R"(,"ask":5})",
      R"(,"ask":"reboot"})",
      R"(,"ask":"list"})",
      R"(,"ask":"list","limit":0})",
      R"(,"ask":"list","limit":102})",
      R"(,"ask":"list","limit":1e1})",
      R"(,"ask":"list","limit":10,"userId":5})",
      R"(,"ask":"list","limit":10,"hint":5})",
      R"(,"ask":"list","limit":10,"userId":"u","hint":-1})",
      R"(,"ask":"list","limit":10,"userId":"u","hint":"5"})",
      R"(,"ask":"list","limit":10,"userId":""})",
      joined({R"(,"ask":"list","limit":10,"userId":")", std::string(129, 'u'), "\"}"}),
      R"(,"ask":"list","limit":10,"afterClient":"7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001"})",
      R"(,"ask":"list","limit":10,"afterInstance":"x","afterClient":"y"})",
      R"(,"ask":"find"})",
      R"(,"ask":"find","client":"ws:*"})",
      R"(,"ask":"find","client":"7B1082A6-2F6D-4A0E-9D0B-52B1A1F9A001"})",
      R"(,"ask":"disconnectUser","userId":"u"})",
      R"(,"ask":"disconnectUser","userId":"u","revokedAt":-1})",
      R"(,"ask":"disconnectUser","revokedAt":1})",
  };
  for (const std::string& tail : tails) EXPECT_FALSE(read_question(head + tail)) << tail;
  for (const char* text : {"", "null", "[]", "{}", R"({"id":"x","from":"y","ask":"list","limit":1})"}) {
    EXPECT_FALSE(read_question(text)) << text;
  }
  const std::string padded =
      joined({head, R"(,"ask":"list","limit":1,"more":")", std::string(kMaxQuestionBytes, 'x'), "\"}"});
  EXPECT_FALSE(read_question(padded)) << "too long";
}

/// The channel of the answer is made of it.
TEST(OperatorMessageQuestion, ComesFromAUuidAlone) {
  const std::string tail = R"(,"ask":"list","limit":1})";
  EXPECT_TRUE(read_question(joined({head_from(kMe), tail})));
  for (const char* from :
       {"*", "a b", "", "4ce589d1-9505-4355-868e-405ab8ed025", "4ce589d1-9505-4355-868e-405ab8ed025\\n"}) {
    EXPECT_FALSE(read_question(joined({head_from(from), tail}))) << from;
  }
}

TEST(OperatorMessageAnswer, OfNobodyIsOneSlice) {
  const auto texts = answer_texts(kId, kMe, {.count = 3, .clients = {}});
  ASSERT_EQ(texts.size(), 1U);
  const auto answer = read_answer(texts.front());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->id, kId);
  EXPECT_EQ(answer->from, kMe);
  EXPECT_EQ(answer->slices, 1U);
  EXPECT_EQ(answer->findings, (Findings{.count = 3, .clients = {}}));
}

TEST(OperatorMessageAnswer, KeepsWhetherTheUsersIdIsANumber) {
  ClientRecord number = client(kClient);
  number.user = {"9007199254740993"};
  number.user_is_number = true;
  const Findings findings{.count = 2, .clients = {client(numbered(1)), number}};
  const auto texts = answer_texts(kId, kMe, findings);
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_NE(texts.front().find(R"("userId":9007199254740993)"), std::string::npos);
  EXPECT_EQ(read_answer(texts.front())->findings, findings);
}

/// The largest page there can be: rooms of 256 code units of three bytes, or of one byte that is written as six.
TEST(OperatorMessageAnswer, OfTheLargestPageIsSlicesThatRedisAndTheBusTake) {
  Findings findings{.count = 1'000'000, .clients = {}};
  for (std::size_t i = 0; i < kMaxClientsAsked; ++i) {
    ClientRecord one = client(numbered(i));
    one.user = {std::string(kMaxIdBytes, '\x01')};
    for (int room = 0; room < 64; ++room) one.rooms.push_back({joined({"org:", std::string(252, '\x02')})});
    findings.clients.push_back(one);
  }
  const auto texts = answer_texts(kId, kMe, findings);
  EXPECT_GT(texts.size(), 10U);
  EXPECT_LE(texts.size(), kMaxAnswerSlices);
  Findings read{.count = 0, .clients = {}};
  for (std::size_t slice = 0; slice < texts.size(); ++slice) {
    EXPECT_LT(texts[slice].size(), 1U << 20U);
    auto answer = read_answer(texts[slice]);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->slice, slice);
    EXPECT_EQ(answer->slices, texts.size());
    read.count = answer->findings.count;
    for (ClientRecord& one : answer->findings.clients) read.clients.push_back(std::move(one));
  }
  EXPECT_EQ(read, findings);
}

TEST(OperatorMessageAnswer, IsRefusedWhenContractDidNotMakeIt) {
  const std::string good = answer_texts(kId, kMe, {.count = 1, .clients = {client(kClient)}}).front();
  ASSERT_TRUE(read_answer(good));
  const std::pair<const char*, const char*> changes[] = {
      {R"("slice":0)", R"("slice":1)"},
      {R"("slice":0)", R"("slice":-1)"},
      {R"("slices":1)", R"("slices":65)"},
      {R"("count":1)", R"("count":-1)"},
      {R"("count":1)", R"("count":"1")"},
      {R"("connectedAt":1795000000000)", R"("connectedAt":1e3)"},
      {R"("queuedBytes":12)", R"("queuedBytes":null)"},
      {R"("rooms":["ws-default")", R"("rooms":[5)"},
      {R"("id":"7b1082a6)", R"("id":"../../..)"},
  };
  for (const auto& [from, to] : changes) {
    std::string text = good;
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(read_answer(text)) << to;
  }
}

TEST(OperatorMessageClientHead, IsWhatRestShows) {
  std::string text;
  append_client_head(text, client(kClient));
  EXPECT_EQ(text + '}',
            R"({"id":"7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001","userId":"u \"1\"","rooms":["ws-default","org:ü"],)"
            R"("connectedAt":1795000000000,"address":"2001:db8::1","lastActivityAt":1795000000500,"queuedBytes":12})");
  EXPECT_TRUE(json::parse(text + '}'));
}

}  // namespace
}  // namespace nx::contract
