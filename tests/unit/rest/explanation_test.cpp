#include "rest/explanation.hpp"

#include <gtest/gtest.h>

#include "rest/explanation_json.hpp"

namespace nx::rest {
namespace {

using contract::PushRecord;

constexpr EpochMs kStored{1'795'953'600'000};
constexpr EpochMs kAfter{kStored.value + 1'000};

resolve::PolicyTrace trace(resolve::PolicyTrace::Outcome outcome, const std::string& why,
                           std::optional<EpochMs> ended_at = {}) {
  resolve::PolicyTrace out;
  out.outcome = outcome;
  out.why = why;
  out.ended_at = ended_at;
  return out;
}

Facts facts() {
  Facts facts;
  facts.user = {"u1"};
  facts.stored.notification.scope = RecipientScope::merchant;
  facts.stored.notification.merchant_id = "m1";
  facts.stored.notification.created_at = kStored;
  facts.stored.source = "topic/0/17/" + std::to_string(kStored.value - 20);
  facts.policy = trace(resolve::PolicyTrace::Outcome::member, "joined to merchant m1");
  facts.hint_max_age = std::chrono::hours(1);
  facts.seen.records_since = {{"a", {1}}, {"b", {1}}};
  return facts;
}

Facts in_inbox() {
  Facts out = facts();
  out.record.emplace().seq = 7;
  return out;
}

operators::LocatedPush push(PushRecord::Outcome outcome, EpochMs at = kAfter) {
  return {"a", {at, outcome}};
}

std::string code(const Facts& facts) {
  return verdict_on(facts).code;
}

}  // namespace

TEST(ExplanationTest, WithoutARowItSaysWhyThereIsNone) {
  Facts none = facts();
  none.policy = trace(resolve::PolicyTrace::Outcome::none, "not joined to merchant m1");
  EXPECT_EQ(code(none), "not_in_scope");
  EXPECT_EQ(verdict_on(none).sentence, "u1 did not get it: not joined to merchant m1.");
  none.stored.excluded = {{"u2"}, {"u1"}};
  EXPECT_EQ(code(none), "excluded");

  Facts ended = facts();
  ended.policy =
      trace(resolve::PolicyTrace::Outcome::ended, "was joined to merchant m1 until then", EpochMs{kStored.value - 1});
  EXPECT_EQ(code(ended), "membership_ended");
  EXPECT_EQ(verdict_on(ended).sentence.find("not yet begun"), std::string::npos);
  ended.policy->ended_at = kAfter;
  EXPECT_NE(verdict_on(ended).sentence.find("not yet begun"), std::string::npos);

  EXPECT_EQ(code(facts()), "joined_later");

  Facts waiting = facts();
  waiting.still_to_come = 12'000;
  EXPECT_EQ(code(waiting), "not_yet");
  EXPECT_EQ(
      verdict_on(waiting).sentence,
      "u1 does not have it yet (joined to merchant m1): it is stored slice by slice, and 12000 recipients have it "
      "so far.");
  waiting.stored.excluded = {{"u1"}};
  EXPECT_EQ(code(waiting), "excluded");

  Facts unnamed = facts();
  unnamed.policy.reset();
  EXPECT_EQ(verdict_on(unnamed).sentence, "u1 did not get it: not named in recipientIds.");
}

TEST(ExplanationTest, WhatAClientSaidWinsOverWhatWasPushed) {
  Facts all = in_inbox();
  all.seen.pushes = {push(PushRecord::Outcome::slow_closed)};
  EXPECT_EQ(code(all), "slow_closed");
  all.seen.pushes.push_back(push(PushRecord::Outcome::caught_up));
  EXPECT_EQ(code(all), "caught_up");
  all.seen.pushes.push_back(push(PushRecord::Outcome::pushed));
  EXPECT_EQ(code(all), "pushed");
  all.record->read_at = kAfter;
  EXPECT_EQ(code(all), "read");
  all.record->delivered_at = kAfter;
  EXPECT_EQ(code(all), "acked");
  EXPECT_EQ(verdict_on(all).sentence, "u1 has it as seq 7 (joined to merchant m1): a client acknowledged it at " +
                                          iso8601(kAfter) + "; it was read at " + iso8601(kAfter) + ".");
}

TEST(ExplanationTest, AnOldRecordWasNotPushedButACatchUpMayHaveBroughtIt) {
  Facts old = in_inbox();
  old.stored.source = "topic/0/17/" + std::to_string(kStored.value - 3'600'001);
  EXPECT_EQ(code(old), "too_old");
  old.seen.pushes = {push(PushRecord::Outcome::caught_up)};
  EXPECT_EQ(code(old), "caught_up");
  old.stored.source.reset();
  EXPECT_FALSE(was_too_old(old));
  old.seen.pushes.clear();
  for (const std::int64_t unit : {1'000, 1'000'000}) {
    old.stored.source = "topic/0/17/" + std::to_string((kStored.value - 3'600'001) * unit);
    EXPECT_EQ(code(old), "too_old") << unit;
    EXPECT_EQ(record_time(old.stored), EpochMs{kStored.value - 3'600'001});
  }
  old.stored.source = "topic/0/17/" + std::to_string(kStored.value / 1'000);
  EXPECT_FALSE(was_too_old(old)) << "a producer that counts seconds";
  old.stored.source = "topic/0/17/-1";
  EXPECT_FALSE(was_too_old(old)) << "a broker that keeps no times";
  EXPECT_EQ(record_time(old.stored), std::nullopt);
  old.stored.source = "topic/0/17/x";
  EXPECT_FALSE(was_too_old(old));
}

TEST(ExplanationTest, NobodyWasThereOnlyWhereThatIsKnown) {
  Facts quiet = in_inbox();
  EXPECT_EQ(code(quiet), "offline");

  Facts silent = quiet;
  silent.seen.missing = {"c"};
  EXPECT_EQ(code(silent), "unknown");
  EXPECT_NE(verdict_on(silent).sentence.find("did not answer: c"), std::string::npos);

  Facts forgotten = quiet;
  forgotten.seen.records_since["b"] = kAfter;
  EXPECT_EQ(code(forgotten), "unknown");
  EXPECT_NE(verdict_on(forgotten).sentence.find("b (since " + iso8601(kAfter)), std::string::npos);

  Facts connected = quiet;
  connected.seen.clients.emplace_back().instance = "b";
  connected.seen.clients.front().client.connected_at = EpochMs{kStored.value - 1};
  EXPECT_EQ(code(connected), "lost");
  connected.seen.clients.front().client.connected_at = kAfter;
  EXPECT_EQ(code(connected), "offline");
}

TEST(ExplanationTest, TheJsonHasWhatTheVerdictRestsOnButNotWhatTheNotificationSays) {
  Facts all = in_inbox();
  all.stored.notification.title = "secret title";
  all.stored.notification.body = "secret body";
  all.stored.notification.data = R"({"secret":1})";
  all.policy->rows = {{"join_domain", {"User", "u1"}, {"Merchant", "m1"}, {}}};
  all.seen.pushes = {push(PushRecord::Outcome::pushed)};
  const auto root = json::parse(explanation_json(all));
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("code")->text(), "pushed");
  EXPECT_EQ(root->find("stored")->find("seq")->as_int64(), 7);
  EXPECT_EQ(root->find("membership")->find("rows")->items().at(0).find("targetId")->text(), "m1");
  EXPECT_EQ(root->find("pushes")->items().at(0).find("outcome")->text(), "pushed");
  EXPECT_EQ(root->find("notification")->find("recordTime")->text(), iso8601({kStored.value - 20}));
  EXPECT_EQ(json::write(*root).find("secret"), std::string::npos);
}

}  // namespace nx::rest
