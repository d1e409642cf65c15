#include <array>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"

namespace nx::client::conform {
namespace {

constexpr std::size_t kBeforeConnected = 16'384;

void heartbeat(const Bench& bench) {
  Probe probe(bench.target);
  probe.say(R"({"event":"heartbeat"})");
  probe.say(R"({"event":"heartbeat","data":{"x":1},"id":"h"})");
  probe.expect_unanswered();
}

void not_json(const Bench& bench) {
  Probe probe(bench.target);
  for (const std::string_view text : {"{no JSON", "", "{} {}", "{'event':1}", R"({"event":"heartbeat",})"}) {
    probe.say(text);
    probe.expect(kNotJsonAnswer);
  }
}

void no_object(const Bench& bench) {
  Probe probe(bench.target);
  for (const std::string_view text : {"null", "5", R"("x")", "[]", "true", R"([{"event":"join"}])"}) probe.say(text);
  probe.expect_unanswered();
}

void no_event(const Bench& bench) {
  Probe probe(bench.target);
  for (const std::string_view text :
       {"{}", R"({"data":1})", R"({"event":null})", R"({"event":""})", R"({"event":0})", R"({"event":false})"}) {
    probe.say(text);
  }
  probe.expect_unanswered();
}

void not_authenticated(const Bench& bench) {
  Probe probe(bench.target);
  for (const std::string_view event :
       {R"("join")", R"("leave")", R"("ping")", R"("refresh")", R"("encrypted")", R"("custom")", "5", "[]"}) {
    probe.say(R"({"event":)" + std::string(event) + R"(,"data":{"rooms":["ws-default"]}})");
    probe.expect(error_frame("Not authenticated"));
  }
}

void repeated_names(const Bench& bench) {
  Probe probe(bench.target);
  probe.say(R"({"event":"heartbeat","event":"join"})");
  probe.expect(error_frame("Not authenticated"));
  probe.say(R"({"event":"join","event":"heartbeat"})");
  probe.expect_unanswered();
}

std::string padded(std::size_t size) {
  std::string text = R"({"event":"custom"})";
  text.append(size - text.size(), ' ');
  return text;
}

void small_messages(const Bench& bench) {
  Probe probe(bench.target);
  probe.say(padded(kBeforeConnected));
  probe.expect(error_frame("Not authenticated"));
  probe.say(padded(kBeforeConnected + 1));
  probe.expect_close(1009, "Received too big message");
}

void rate(const Bench& bench) {
  Probe probe(bench.target);
  for (int i = 0; i < 200; ++i) probe.say(R"({"event":"heartbeat"})");
  probe.expect_close(1008, "Rate limit");
}

void tiny_fragments(const Bench& bench) {
  Probe probe(bench.target);
  for (int i = 0; i <= 200; ++i) probe.say_part("");
  probe.expect_close(1008, "Rate limit");
}

constexpr std::array kStrangerFacts{
    Fact{"before connected, heartbeat is not answered", heartbeat},
    Fact{"before connected, a message that is not JSON is answered `Invalid message format`; the connection stays",
         not_json},
    Fact{"before connected, JSON that is not an object is not answered", no_object},
    Fact{"before connected, an object without an event is not answered", no_event},
    Fact{"before connected, any other event is answered `Not authenticated`; the connection stays", not_authenticated},
    Fact{"of several members with the same name the last one counts", repeated_names},
    Fact{"before connected, 16,384 bytes are accepted and one more byte closes 1009 `Received too big message`",
         small_messages},
    Fact{"200 messages at once close 1008 `Rate limit`", rate},
    Fact{"200 empty fragments at once close 1008 `Rate limit`", tiny_fragments},
};

}  // namespace

std::span<const Fact> stranger_facts() {
  return kStrangerFacts;
}

}  // namespace nx::client::conform
