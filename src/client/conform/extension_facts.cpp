#include <array>
#include <string>

#include <fmt/core.h>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"
#include "model/time.hpp"

namespace nx::client::conform {
namespace {

using json::Value;

constexpr std::string_view kBadEnvelope =
    R"({"event":"encrypted","data":{"iv":"AAAAAAAAAAAAAAAA","ct":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}})";

Member admitted(const Bench& bench, std::string more = {}) {
  return Member(bench.target, {.token = bench.tokens.good(), .more = std::move(more)});
}

constexpr const char* kTime = R"re("time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")re";

void ping(const Bench& bench) {
  Member member = admitted(bench);
  for (const std::string_view id : {R"("a")", "5", "null", R"({"x":[1]})"}) {
    member.say(R"({"event":"ping","id":)" + std::string(id) + "}");
    const std::string pong = member.receive("`pong`");
    const std::string head = R"({"event":"pong","data":{"id":)" + std::string(id) + ",";
    demand(pong.starts_with(head), head + "…", pong);
    demand_shape(std::string(kTime).append(R"re(\}\})re"), pong.substr(head.size()));
  }
  member.say(R"({"event":"ping"})");
  demand_shape(R"re(\{"event":"pong","data":\{)re" + std::string(kTime) + R"re(\}\})re", member.receive("`pong`"));
}

void expect_pong(Member& member, const std::string& id) {
  const std::string head = R"({"event":"pong","data":{"id":")" + id + "\",";
  const std::string pong = member.receive("`pong`");
  demand(pong.starts_with(head), head + "…", pong);
}

void in_order(const Bench& bench) {
  Member member = admitted(bench);
  constexpr int kPings = 50;
  for (int i = 0; i < kPings; ++i) member.say(R"({"event":"ping","id":")" + std::to_string(i) + "\"}");
  for (int i = 0; i < kPings; ++i) expect_pong(member, std::to_string(i));
}

void sealed_ping(const Bench& bench) {
  Member member = admitted(bench);
  member.say_sealed(R"({"event":"heartbeat"})");
  member.say_sealed(R"({"event":"ping","id":"sealed"})");
  expect_pong(member, "sealed");
  member.say_sealed(kNotJson);
  member.expect(kNotJsonAnswer);
}

void sealed_in_sealed(const Bench& bench) {
  Member member = admitted(bench);
  const std::string envelope = member.say_sealed(R"({"event":"ping","id":"first"})");
  expect_pong(member, "first");
  member.say_sealed(envelope);
  member.expect_unanswered();
}

void third_unopened_closes(const Bench& bench) {
  Member member = admitted(bench);
  for (int i = 0; i < 3; ++i) member.say(kBadEnvelope);
  member.probe().expect_close(4004, "Decryption failed");
}

void opened_between(const Bench& bench) {
  Member member = admitted(bench);
  for (const char* id : {"1", "2"}) {
    member.say(kBadEnvelope);
    member.say(R"({"event":"encrypted","data":5})");
    member.say_sealed(R"({"event":"ping","id":")" + std::string(id) + "\"}");
    expect_pong(member, id);
  }
}

void reflected(const Bench& bench) {
  Member member = admitted(bench);
  member.say(kNotJson);
  member.expect(kNotJsonAnswer);
  for (int i = 0; i < 3; ++i) member.say(member.envelope());
  member.probe().expect_close(4004, "Decryption failed");
}

std::string refresh_message(const std::string& token) {
  std::string text = R"({"event":"refresh","data":{"token":)";
  json::append_string(text, token);
  return text + "}}";
}

void refreshed(const Bench& bench) {
  const std::string token = bench.tokens.good();
  Member member(bench.target, {.token = token});
  member.say(refresh_message(token));
  const std::string answer = member.receive("`refreshed`");
  demand_shape(R"re(\{"event":"refreshed","data":\{"expiresAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"\}\})re", answer);
}

void replayed_refresh(const Bench& bench) {
  Member member = admitted(bench);
  const std::string envelope = member.say_sealed(refresh_message(bench.tokens.good()));
  const std::string answer = member.receive("`refreshed`");
  demand(answer.starts_with(R"({"event":"refreshed")"), "`refreshed`", answer);
  member.say(envelope);
  member.expect_unanswered();
}

void refresh_failed(const Bench& bench) {
  Member member = admitted(bench);
  for (const char* message : {R"({"event":"refresh","data":{"token":"garbage"}})", R"({"event":"refresh"})"}) {
    member.say(message);
    member.expect(error_frame("Refresh failed"));
  }
  member.say(R"({"event":"refresh","data":{"token":5}})");
  member.expect(error_frame("Refresh failed"));
  member.probe().expect_close(4003, "Authentication failed");
}

void refresh_of_another(const Bench& bench) {
  const std::string other = bench.tokens.other_user();
  Member member = admitted(bench);
  member.say(refresh_message(other));
  member.expect(error_frame("Refresh failed"));
}

struct CaughtUp {
  std::int64_t count = 0, seq = 0;
  bool complete = false;
  std::string epoch;
};

std::int64_t integer(const Value* value) {
  return value == nullptr ? -1 : value->as_int64().value_or(-1);
}

/// Expects hints in the order of `seq`, without `unread`, then `caught-up` with their number.
CaughtUp hear_catch_up(Member& member, std::int64_t since) {
  std::int64_t hints = 0;
  for (std::int64_t last = since;; ++hints) {
    const std::string text = member.receive("`caught-up`");
    const auto frame = json::parse(text);
    if (!frame || !text.starts_with(R"({"event":"caught-up")")) {
      demand(text.starts_with(R"({"event":"observation/signal/notification/created","data":{)"),
             "a `created` or `caught-up`", text);
      const std::int64_t seq = frame ? integer(frame->find("seq")) : -1;
      demand(seq > last && frame->find("unread") == nullptr, fmt::format("a `seq` above {}, without `unread`", last),
             text);
      last = seq;
      continue;
    }
    demand_shape(
        R"re(\{"event":"caught-up","data":\{"count":\d+,"complete":(true|false),"seq":\d+,"unread":(\d+|null)(,"epoch":"[^"]+")?\}\})re",
        text);
    const Value& data = *frame->find("data");
    demand_same(std::to_string(hints), std::to_string(integer(data.find("count"))));
    const Value* const epoch = data.find("epoch");
    return {integer(data.find("count")), integer(data.find("seq")), data.find("complete")->as_bool(),
            epoch == nullptr ? "" : epoch->text()};
  }
}

CaughtUp catch_up(const Bench& bench, std::int64_t since, const std::string& more = {}) {
  Member member = admitted(bench, R"(,"since":)" + std::to_string(since) + more);
  return hear_catch_up(member, more.empty() ? since : 0);
}

void catch_up_from_zero(const Bench& bench) {
  catch_up(bench, 0);
}

void catch_up_from_the_end(const Bench& bench) {
  CaughtUp all = catch_up(bench, 0);
  while (!all.complete) all = catch_up(bench, all.seq);
  const CaughtUp rest = catch_up(bench, all.seq);
  demand(rest.count == 0 && rest.complete && rest.seq == all.seq, "count 0, complete, seq " + std::to_string(all.seq),
         fmt::format("count {}, seq {}", rest.count, rest.seq));
}

void since_of_another_inbox(const Bench& bench) {
  const CaughtUp answer = catch_up(bench, 9'007'199'254'740'991);
  demand(answer.count == 0 && !answer.complete && answer.seq < 9'007'199'254'740'991,
         "count 0, complete false, the inbox's own seq", fmt::format("count {}, seq {}", answer.count, answer.seq));
}

void other_epoch(const Bench& bench) {
  const CaughtUp all = catch_up(bench, 0);
  const CaughtUp again = catch_up(bench, all.seq, R"(,"epoch":"of-no-database")");
  demand(again.count == all.count && again.epoch == all.epoch && !all.epoch.empty(),
         fmt::format("{} hints and the epoch {}", all.count, all.epoch),
         fmt::format("{} hints and the epoch {}", again.count, again.epoch));
}

void bad_since(const Bench& bench) {
  for (const std::string_view since : {"-1", "1.5", R"("5")", "null", "true", "1e3"}) {
    Member member = admitted(bench, R"(,"since":)" + std::string(since));
    member.expect(error_frame("Invalid since"));
    member.expect_unanswered();
  }
}

constexpr std::array kExtensionFacts{
    Fact{"ping is answered `pong` with its id as sent and the time", ping},
    Fact{"50 answers come in the order of their questions", in_order},
    Fact{"a message sealed under the client's key is handled like the message inside", sealed_ping},
    Fact{"an envelope within an envelope is not answered", sealed_in_sealed},
    Fact{"the third envelope that does not open closes 4004 `Decryption failed`", third_unopened_closes},
    Fact{"an envelope that opens in between resets the count", opened_between},
    Fact{"the server's own envelopes, sent back, do not open", reflected},
    Fact{"refresh is answered `refreshed` with `expiresAt`", refreshed},
    Fact{"a sealed refresh that is repeated is not answered", replayed_refresh},
    Fact{"a refresh with a bad token is answered `Refresh failed`; the third closes 4003", refresh_failed},
    Fact{"a refresh with another user's token is answered `Refresh failed`", refresh_of_another},
    Fact{"since 0: hints in the order of seq, then `caught-up` with their number", catch_up_from_zero},
    Fact{"since the end: `caught-up` alone, complete", catch_up_from_the_end},
    Fact{"a since above the inbox: complete is false, and seq is that of the inbox", since_of_another_inbox},
    Fact{"another epoch is answered like since 0, with the current epoch", other_epoch},
    Fact{"a since that is not an integer from 0 on: `Invalid since`, the connection stays", bad_since},
};

}  // namespace

std::span<const Fact> extension_facts() {
  return kExtensionFacts;
}

}  // namespace nx::client::conform
