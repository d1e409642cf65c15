#include "contract/instance_record.hpp"

#include <gtest/gtest.h>

#include "contract/operator_message.hpp"

namespace nx::contract {
namespace {

constexpr const char* kQuestion = "0b7e4a55-9a37-4d0e-8a5a-0d2f3b6f1c11";
constexpr const char* kMe = "4ce589d1-9505-4355-868e-405ab8ed0253";
constexpr const char* kBroadcast = "7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001";

InstanceRecord record() {
  return {.address = "[2001:db8::1]:3000",
          .version = "0.3.0",
          .started_at = {1'795'000'000'000},
          .at = {1'795'000'000'123},
          .ready = true,
          .database = DependencyState::ok,
          .kafka = DependencyState::away,
          .redis = DependencyState::none,
          .broadcasts_open = 25,
          .broadcasts = {{kBroadcast, 1'500, 40'000}},
          .metrics = {{"signal_connections", 3}, {"signal_oldest_unstored_record_age_seconds", 0.125}}};
}

std::string text_of(const InstanceRecord& told) {
  Findings findings{.count = 1, .clients = {}};
  findings.instance = told;
  return answer_texts(kQuestion, kMe, findings).front();
}

/// The answer with one change of its text.
Result<OperatorAnswer> read_changed(std::string_view from, std::string_view to) {
  std::string text = text_of(record());
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return read_answer(text.replace(at, from.size(), to));
}

TEST(InstanceRecord, IsReadAsItWasWritten) {
  const auto answer = read_answer(text_of(record()));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->findings.count, 1);
  EXPECT_EQ(answer->findings.instance, record());
}

TEST(InstanceRecord, OfTheLargestValuesIsReadAsItWasWritten) {
  InstanceRecord large = record();
  large.version = std::string(64, '"');
  large.broadcasts.assign(kMaxBroadcastsTold, {kBroadcast, 1, std::int64_t{1} << 53});
  large.metrics.clear();
  for (std::size_t i = 0; i < kMaxMetricsTold; ++i) {
    large.metrics.push_back({std::string(1, static_cast<char>('a' + i % 26)) + std::string(i / 26, 'x'), 1.5e300});
  }
  const auto answer = read_answer(text_of(large));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->findings.instance, large);
}

TEST(InstanceRecord, ThatContractDidNotMakeIsRefused) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {R"("address":"[2001:db8::1]:3000",)", ""},
      {R"("version":"0.3.0")", R"("version":"")"},
      {R"("startedAt":1795000000000)", R"("startedAt":-1)"},
      {R"("at":1795000000123)", R"("at":9223372036854775807)"},
      {R"("database":"ok")", R"("database":"good")"},
      {R"("redis":null,)", ""},
      {R"("broadcastsOpen":25)", R"("broadcastsOpen":"25")"},
      {R"("id":"7b1082a6)", R"("id":"<b>)"},
      {R"("ageMs":1500)", R"("ageMs":1e3)"},
      {R"("signal_connections":3)", R"("signal_connections":-3)"},
      {R"("signal_connections":3)", R"("signal_connections":"3")"},
      {R"("signal_connections":3)", R"("<script>":3)"},
      {R"("signal_connections":3)", R"("signal_connections":1e999)"},
      {R"("instance":{)", R"("instance":5,"other":{)"},
  };
  for (const auto& [from, to] : changes) EXPECT_FALSE(read_changed(from, to)) << to;
}

TEST(InstanceRecord, WithTooManyItemsIsRefused) {
  InstanceRecord many = record();
  many.broadcasts.assign(kMaxBroadcastsTold + 1, {kBroadcast, 1, 1});
  EXPECT_FALSE(read_answer(text_of(many)));
  many = record();
  for (std::size_t i = 0; i <= kMaxMetricsTold; ++i) {
    many.metrics.push_back({std::string(1, static_cast<char>('a' + i % 26)) + std::string(i / 26, 'x'), 1});
  }
  EXPECT_FALSE(read_answer(text_of(many)));
}

TEST(InstanceRecord, MetricsThatThisVersionDoesNotKnowAreKept) {
  const auto answer = read_changed("signal_connections", "signal_of_tomorrow");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->findings.instance->metrics.front().name, "signal_of_tomorrow");
}

}  // namespace
}  // namespace nx::contract
