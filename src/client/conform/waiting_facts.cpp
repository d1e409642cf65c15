#include <array>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"

namespace nx::client::conform {
namespace {

using namespace std::chrono_literals;

constexpr auto kSweep = 30s;   // the longest time between two checks of the heartbeat by a server
constexpr auto kSpread = 66s;  // leeway, plus the minute over which a server spreads the closes of expired tokens
constexpr auto kPause = 250ms;

Target patient(const Bench& bench, std::chrono::seconds wait) {
  Target target = bench.target;
  target.answer_within += wait;
  return target;
}

void authentication_timeout(const Bench& bench) {
  const Target target = patient(bench, bench.auth_timeout);
  Probe probe(target);
  probe.say(R"({"event":"heartbeat"})");
  probe.expect_silence(bench.auth_timeout - 1s);
  probe.expect_close(4001, "Authentication timeout");
}

void heartbeat_timeout(const Bench& bench) {
  if (bench.heartbeat_timeout == 0s)
    throw Unchecked{"takes as long as the server's time-out: --heartbeat-timeout SECONDS"};
  const Target target = patient(bench, bench.heartbeat_timeout + kSweep);
  Member member(target, {.token = bench.tokens.good()});
  // Pings do not count as activity.
  const auto end = std::chrono::steady_clock::now() + bench.heartbeat_timeout - 1s;
  while (std::chrono::steady_clock::now() < end) {
    member.probe().ping("p");
    member.probe().expect_pong();
    member.probe().expect_silence(kPause);
  }
  member.probe().expect_close(4002, "Heartbeat timeout");
}

void token_expiry(const Bench& bench) {
  if (bench.heartbeat_timeout == 0s)
    throw Unchecked{"takes over a minute: --heartbeat-timeout SECONDS asks for the long ones"};
  const std::string token = bench.tokens.minted([](json::Value& claims) {
    set_claim(claims, "exp", json::Value::number(claims.find("iat")->as_int64().value_or(0) + 5));
  });
  const Target target = patient(bench, kSpread);
  Member member(target, {.token = token});
  const auto end = std::chrono::steady_clock::now() + kSpread + 10s;
  for (;;) {
    member.say(R"({"event":"heartbeat"})");
    const auto now = std::chrono::steady_clock::now();
    demand(now < end, "close 4005 `Token expired`", "nothing");
    try {
      member.probe().expect_silence(1s);
    } catch (const Differs& differs) {
      return demand_same("close 4005 `Token expired`", differs.got);
    }
  }
}

constexpr std::array kWaitingFacts{
    Fact{"no authenticate within the time-out: close 4001 `Authentication timeout`, no error before it",
         authentication_timeout},
    Fact{"no message within the time-out, but pings: close 4002 `Heartbeat timeout`", heartbeat_timeout},
    Fact{"a token that expires: close 4005 `Token expired`", token_expiry},
};

}  // namespace

std::span<const Fact> waiting_facts() {
  return kWaitingFacts;
}

}  // namespace nx::client::conform
