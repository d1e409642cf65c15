#include <array>

#include <fmt/core.h>

#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"
#include "json/value.hpp"

namespace nx::client::conform {
namespace {

using namespace std::chrono_literals;

constexpr auto kQuiet = 300ms;

void upgrade(const Bench& bench) {
  const HttpAnswer answer = bench.target.ask("GET", bench.target.url.resource, upgrade_headers());
  demand_same("101", std::to_string(answer.status));
  demand_same("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer.header("sec-websocket-accept"));  // RFC 6455 §1.3
}

void no_extension(const Bench& bench) {
  Headers headers = upgrade_headers();
  headers.emplace_back("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
  headers.emplace_back("Sec-WebSocket-Protocol", "chat, v2.signal");
  const HttpAnswer answer = bench.target.ask("GET", bench.target.url.resource, headers);
  demand_same("101", std::to_string(answer.status));
  demand_same("no Sec-WebSocket-Extensions: ",
              "no Sec-WebSocket-Extensions: " + answer.header("sec-websocket-extensions"));
  demand_same("no Sec-WebSocket-Protocol: ", "no Sec-WebSocket-Protocol: " + answer.header("sec-websocket-protocol"));
}

void plain_request(const Bench& bench) {
  const HttpAnswer answer = bench.target.ask("GET", bench.target.url.resource);
  demand_same("426", std::to_string(answer.status));
  const auto body = json::parse(answer.body);
  const json::Value* const status = body ? body->find("statusCode") : nullptr;
  demand(status != nullptr && status->text() == "426", R"(a JSON body with "statusCode":426)", answer.body);
}

void exact_path(const Bench& bench) {
  const std::string path = bench.target.url.resource.substr(0, bench.target.url.resource.find('?'));
  const HttpAnswer answer = bench.target.ask("GET", path + "/", upgrade_headers());
  demand(answer.status != 101, fmt::format("no upgrade at {}/", path), "101");
}

void query_ignored(const Bench& bench) {
  const std::string& resource = bench.target.url.resource;
  const std::string with = fmt::format("{}{}conform=1", resource, resource.find('?') == std::string::npos ? "?" : "&");
  demand_same("101", std::to_string(bench.target.ask("GET", with, upgrade_headers()).status));
}

void version_13(const Bench& bench) {
  Headers headers = upgrade_headers();
  headers.back().second = "12";
  const HttpAnswer answer = bench.target.ask("GET", bench.target.url.resource, headers);
  demand_same("426", std::to_string(answer.status));
  demand_same("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: " + answer.header("sec-websocket-version"));
}

void silent_on_open(const Bench& bench) {
  Probe probe(bench.target);
  probe.expect_silence(kQuiet);
}

void ping_answered(const Bench& bench) {
  Probe probe(bench.target);
  for (const std::string_view payload : {"", "are you there"}) {
    probe.frame(kPingFrame, payload);
    demand_same(payload, probe.expect_pong());
  }
}

void fragments(const Bench& bench) {
  Probe probe(bench.target);
  probe.frame(kFirstOfText, "{no ");
  probe.frame(kPingFrame, "between");
  demand_same("between", probe.expect_pong());
  probe.frame(0, "");
  probe.frame(kLastPart, "JSON");
  probe.expect(kNotJsonAnswer);
}

void binary_is_answered_in_text(const Bench& bench) {
  Probe probe(bench.target);
  probe.frame(kWholeBinary, R"({"event":"join"})");
  probe.expect(error_frame("Not authenticated"));
}

template <std::uint16_t Code>
void closes(const Bench& bench, std::uint8_t first, std::string_view payload,
            WebSocket::Mask mask = WebSocket::Mask::fresh) {
  Probe probe(bench.target);
  probe.frame(first, payload, mask);
  probe.expect_close(Code);
}

void unmasked(const Bench& bench) {
  closes<1002>(bench, kWholeText, "{}", WebSocket::Mask::none);
}
void reserved_bit(const Bench& bench) {
  closes<1002>(bench, kWholeText | 0x40U, "{}");
}
void unknown_opcode(const Bench& bench) {
  closes<1002>(bench, 0x83, "x");
}
void stray_continuation(const Bench& bench) {
  closes<1002>(bench, kLastPart, "x");
}
void long_ping(const Bench& bench) {
  closes<1002>(bench, kPingFrame, std::string(126, 'x'));
}
void fragmented_ping(const Bench& bench) {
  closes<1002>(bench, 0x09, "x");
}
void close_of_one_byte(const Bench& bench) {
  closes<1002>(bench, kCloseFrame, "\x03");
}
void close_code_1005(const Bench& bench) {
  closes<1002>(bench, kCloseFrame, "\x03\xed");
}
void bad_text(const Bench& bench) {
  closes<1007>(bench, kWholeText, "\"\xff\"");
}
void bad_binary(const Bench& bench) {
  closes<1007>(bench, kWholeBinary, "\"\xff\"");
}
void bad_reason(const Bench& bench) {
  closes<1007>(bench, kCloseFrame, "\x03\xe8\xc0\x80");
}

void text_within_text(const Bench& bench) {
  Probe probe(bench.target);
  probe.frame(kFirstOfText, "{");
  probe.frame(kWholeText, "{}");
  probe.expect_close(1002);
}

void close_is_answered(const Bench& bench) {
  for (const unsigned code : {1000U, 1001U, 4321U}) {
    Probe probe(bench.target);
    probe.frame(kCloseFrame, std::string{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)} + "bye");
    probe.expect_close(static_cast<std::uint16_t>(code));
  }
}

constexpr std::array kTransportFacts{
    Fact{"an upgrade is answered 101 with the accept of its key", upgrade},
    Fact{"no extension and no subprotocol is chosen, whatever is offered", no_extension},
    Fact{"a plain request on the path is answered 426 with a JSON error", plain_request},
    Fact{"the path is matched exactly: a trailing slash makes another path", exact_path},
    Fact{"the query is ignored", query_ignored},
    Fact{"a version other than 13 is answered 426 with version 13", version_13},
    Fact{"the server is silent on open", silent_on_open},
    Fact{"a ping is answered with its payload", ping_answered},
    Fact{"fragments make one message, a ping between them is answered", fragments},
    Fact{"a binary message is read as text and answered in text", binary_is_answered_in_text},
    Fact{"an unmasked frame closes 1002", unmasked},
    Fact{"a reserved bit closes 1002", reserved_bit},
    Fact{"an unknown opcode closes 1002", unknown_opcode},
    Fact{"a continuation without a message closes 1002", stray_continuation},
    Fact{"a new message within a fragmented one closes 1002", text_within_text},
    Fact{"a ping over 125 bytes closes 1002", long_ping},
    Fact{"a fragmented ping closes 1002", fragmented_ping},
    Fact{"a close frame of one byte closes 1002", close_of_one_byte},
    Fact{"a close code that must not be sent closes 1002", close_code_1005},
    Fact{"invalid UTF-8 in a text message closes 1007", bad_text},
    Fact{"invalid UTF-8 in a binary message closes 1007", bad_binary},
    Fact{"invalid UTF-8 in a close reason closes 1007", bad_reason},
    Fact{"a close is answered with its code", close_is_answered},
};

}  // namespace

std::span<const Fact> transport_facts() {
  return kTransportFacts;
}

}  // namespace nx::client::conform
