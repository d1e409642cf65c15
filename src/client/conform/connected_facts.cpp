#include <array>
#include <chrono>
#include <set>

#include <fmt/core.h>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"
#include "model/time.hpp"

namespace nx::client::conform {
namespace {

using namespace std::chrono_literals;

constexpr auto kSilence = 300ms;
constexpr std::size_t kLargest = 131'072;

Member let_in(const Bench& bench) {
  return Member(bench.target, {.token = bench.tokens.good()});
}

void connected_shape(const Bench& bench) {
  demand_shape(
      R"re(\{"event":"connected","data":\{"id":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}","userId":("[^"]+"|-?\d+),"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","serverPublicKey":"[A-Za-z0-9+/]{87}=","salt":"[A-Za-z0-9+/]{43}="\}\})re",
      let_in(bench).connected());
}

void user_of_token(const Bench& bench) {
  const std::string token = bench.tokens.good();
  const auto claims = bench.tokens.claims();
  const json::Value* const user = claims ? claims->find("userId") : nullptr;
  if (user == nullptr) throw Unchecked{"the claims of the token cannot be read"};
  demand_same(json::write(*user), Member(bench.target, {.token = token}).connected_text("userId"));
}

void number_stays_number(const Bench& bench) {
  const std::string token =
      bench.tokens.minted([](json::Value& claims) { set_claim(claims, "userId", json::Value::number(9007199254740)); });
  demand_same("9007199254740", Member(bench.target, {.token = token}).connected_text("userId"));
}

void time_is_now(const Bench& bench) {
  const std::string text = let_in(bench).connected_text("time");
  const auto time = parse_iso8601(std::string_view(text).substr(1, text.size() - 2));
  const std::int64_t off = time ? time->value - now_wall().value : 0;
  demand(time && std::abs(off) < 300'000, "within five minutes of this machine's clock", text);
}

void fresh_each_time(const Bench& bench) {
  Member first = let_in(bench);
  Member second = let_in(bench);
  for (const std::string_view name : {"id", "salt"}) {
    demand(first.connected_text(name) != second.connected_text(name), "another " + std::string(name),
           second.connected_text(name));
  }
}

void nothing_unasked(const Bench& bench) {
  Member member = let_in(bench);
  member.probe().expect_silence(kSilence);
}

void bearer_or_none(const Bench& bench) {
  for (const std::optional<std::string>& type :
       {std::optional<std::string>(), std::optional<std::string>(R"("bearer")"),
        std::optional<std::string>(R"("BEARER")")}) {
    Member member(bench.target, {.token = bench.tokens.good(), .type = type});
  }
}

void twice_at_once(const Bench& bench) {
  auto keys = ClientKeys::generate();
  if (!keys) throw Unchecked{keys.error().message};
  const std::string message = authenticate_message({.token = bench.tokens.good()}, keys->public_base64());
  Probe probe(bench.target);
  probe.say(message);
  probe.say(message);
  const std::string first = probe.receive();
  const std::string second = probe.receive();
  // The order of the two answers depends on how long the verification takes; after `connected` the error is sealed.
  const bool error_first =
      first == error_frame("Already authenticated") && second.starts_with(R"({"event":"connected")");
  const bool error_sealed =
      first.starts_with(R"({"event":"connected")") && second.starts_with(R"({"event":"encrypted")");
  demand(error_first || error_sealed, "`connected` once, `Already authenticated` once",
         fmt::format("{} {}", first, second));
}

void envelope_shape(const Bench& bench) {
  Member member = let_in(bench);
  member.say(kNotJson);
  member.expect(kNotJsonAnswer);
  demand_shape(R"re(\{"event":"encrypted","data":\{"iv":"[A-Za-z0-9+/]{16}","ct":"[A-Za-z0-9+/]{4,}={0,2}"\}\})re",
               member.envelope());
}

void already_authenticated(const Bench& bench) {
  Member member = let_in(bench);
  member.say(R"({"event":"authenticate","data":{}})");
  member.expect(error_frame("Already authenticated"));
}

void ivs_differ(const Bench& bench) {
  Member member = let_in(bench);
  std::set<std::string> ivs;
  constexpr std::size_t kFrames = 60;
  for (std::size_t i = 0; i < kFrames; ++i) member.say(kNotJson);
  for (std::size_t i = 0; i < kFrames; ++i) {
    member.expect(kNotJsonAnswer);
    ivs.insert(member.envelope().substr(0, member.envelope().find("\"ct\"")));
  }
  demand_same(std::to_string(kFrames) + " IVs", std::to_string(ivs.size()) + " IVs");
}

void control_unanswered(const Bench& bench) {
  Member member = let_in(bench);
  const std::string own = member.connected_text("id");
  for (const std::string& text :
       std::vector<std::string>{R"({"event":"heartbeat"})", R"({"event":"join"})", R"({"event":"join","data":null})",
                                R"({"event":"join","data":{"rooms":[]}})",
                                R"({"event":"join","data":{"rooms":["ws-default","ws:secret","org:nobodys",5,""]}})",
                                R"({"event":"join","data":{"rooms":"abc"}})", R"({"event":"leave"})",
                                R"({"event":"leave","data":{"rooms":["org:never-joined"]}})",
                                R"({"event":"leave","data":{"rooms":[)" + own + "]}}"}) {
    member.say(text);
  }
  member.expect_unanswered();
}

void unknown_unanswered(const Bench& bench) {
  Member member = let_in(bench);
  for (const std::string_view event :
       {R"("unheard-of")", R"("connected")", R"("disconnect")", R"("error")", R"("caught-up")", "5", "[]", "true"}) {
    member.say(R"({"event":)" + std::string(event) + R"(,"data":{"x":1},"id":"i"})");
  }
  member.expect_unanswered();
}

void no_event_unanswered(const Bench& bench) {
  Member member = let_in(bench);
  for (const std::string_view text : {"null", "5", "[1]", R"("x")", "{}", R"({"event":null})", R"({"event":""})"})
    member.say(text);
  member.expect_unanswered();
}

void binary_is_text(const Bench& bench) {
  Member member = let_in(bench);
  member.probe().say_binary(kNotJson);
  member.expect(kNotJsonAnswer);
}

std::string no_json(std::size_t size) {
  return std::string(kNotJson) + std::string(size - kNotJson.size(), ' ');
}

void largest_taken(const Bench& bench) {
  Member member = let_in(bench);
  member.say(no_json(kLargest));
  member.expect(kNotJsonAnswer);
}

void larger_closed(const Bench& bench) {
  Member member = let_in(bench);
  member.say(no_json(kLargest + 1));
  member.probe().expect_close(1009, "Received too big message");
}

void larger_in_parts_closed(const Bench& bench) {
  Member member = let_in(bench);
  member.probe().say_part(no_json(kLargest - 1'000));
  member.probe().say_part(std::string(1'001, ' '), WebSocket::Part::last);
  member.probe().expect_close(1009, "Received too big message");
}

constexpr std::array kConnectedFacts{
    Fact{"`connected` is in plaintext, with exactly the documented members in their order", connected_shape},
    Fact{"`userId` is that of the token, with its JSON type", user_of_token},
    Fact{"a number stays a number in `userId`", number_stays_number},
    Fact{"`time` is the server's clock", time_is_now},
    Fact{"`id` and `salt` are new for each connection", fresh_each_time},
    Fact{"nothing is sent after `connected` without a request", nothing_unasked},
    Fact{"type is Bearer in any letter case, or left out", bearer_or_none},
    Fact{"authenticate twice at once: one `connected`, one `Already authenticated`", twice_at_once},
    Fact{"after connected, errors are envelopes with iv and ct that open to the exact error", envelope_shape},
    Fact{"after connected, authenticate is answered `Already authenticated`", already_authenticated},
    Fact{"no IV is used twice with one key", ivs_differ},
    Fact{"heartbeat, join and leave are not answered", control_unanswered},
    Fact{"an unknown event is not answered", unknown_unanswered},
    Fact{"after connected, JSON that is not an object or has no event is not answered", no_event_unanswered},
    Fact{"after connected, a binary message is read as text", binary_is_text},
    Fact{"a message of 131,072 bytes is accepted", largest_taken},
    Fact{"a message of 131,073 bytes closes 1009 `Received too big message`", larger_closed},
    Fact{"131,073 bytes in fragments close 1009 `Received too big message`", larger_in_parts_closed},
};

}  // namespace

std::span<const Fact> connected_facts() {
  return kConnectedFacts;
}

}  // namespace nx::client::conform
