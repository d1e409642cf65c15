#include <algorithm>
#include <array>
#include <vector>

#include "client/base64.hpp"
#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/probe.hpp"

namespace nx::client::conform {
namespace {

using json::Value;

constexpr std::string_view kFailed = "Authentication failed";
// The client's public point in tests/vectors/ecdh.json.
constexpr std::string_view kPoint =
    "BPkUXnV3pLaqJZNDzOCbC1hWaV3hm+TfG43KSznC9r3heYWMFvzcmqj9z7y9c2lTf7TFKAjz9+VIdMghTVP7fVo=";

void refused(const Bench& bench, const Login& login) {
  Probe probe(bench.target);
  probe.say(authenticate_message(login, kPoint));
  probe.expect_refusal(kFailed, 4003, kFailed);
}

void token_refused(const Bench& bench, std::string token) {
  refused(bench, {.token = std::move(token)});
}

void no_token(const Bench& bench) {
  for (const std::string_view data :
       {"", R"(,"data":null)", R"(,"data":{})", R"(,"data":{"token":""})", R"(,"data":{"token":null})",
        R"(,"data":{"token":5})", R"(,"data":{"type":"Bearer","clientPublicKey":"x"})"}) {
    Probe probe(bench.target);
    probe.say(R"({"event":"authenticate")" + std::string(data) + "}");
    probe.expect_refusal(kFailed, 4003, kFailed);
  }
}

void no_jwt(const Bench& bench) {
  for (const char* token : {"garbage", "a.b.c", "..", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.e30."})
    token_refused(bench, token);
}

void other_payload(const Bench& bench) {
  token_refused(bench, bench.tokens.with_other_user());
}
void cut_signature(const Bench& bench) {
  token_refused(bench, bench.tokens.without_signature());
}
void no_algorithm(const Bench& bench) {
  token_refused(bench, bench.tokens.without_algorithm());
}
void own_key(const Bench& bench) {
  token_refused(bench, bench.tokens.signed_by_own_key());
}
void expired(const Bench& bench) {
  token_refused(bench, bench.tokens.expired());
}

void minted_refused(const Bench& bench, std::string_view claim, std::optional<Value> value) {
  token_refused(bench, bench.tokens.minted([&](Value& claims) { set_claim(claims, claim, value); }));
}

void not_yet(const Bench& bench) {
  token_refused(bench, bench.tokens.minted([](Value& claims) {
    set_claim(claims, "nbf", Value::number(claims.find("exp")->as_int64().value_or(0)));
  }));
}

void no_expiry(const Bench& bench) {
  minted_refused(bench, "exp", std::nullopt);
}
void no_user(const Bench& bench) {
  minted_refused(bench, "userId", std::nullopt);
}
void too_long(const Bench& bench) {
  minted_refused(bench, "filler", Value::string(std::string(9'000, 'x')));
}

void bad_user(const Bench& bench) {
  for (const std::string& json :
       std::vector<std::string>{R"("")", "0", "1.5", "true", "null", "[]", "{}", '"' + std::string(129, 'x') + '"'}) {
    minted_refused(bench, "userId", json::parse(json).value());
  }
}

void room_shaped_user(const Bench& bench) {
  for (const char* name : {"org:1", "merchant:m1", "ws-default", "ws-notification", "ws:user:1"}) {
    minted_refused(bench, "userId", Value::string(name));
  }
}

void critical_header(const Bench& bench) {
  token_refused(bench, bench.tokens.minted({}, R"(,"crit":["x-conform"],"x-conform":1)"));
}

void other_type(const Bench& bench) {
  for (const char* type : {R"("Basic")", R"("")", "5", "null", R"("Bearer ")"}) {
    refused(bench, {.token = bench.tokens.good(), .type = type});
  }
}

void no_key(const Bench& bench) {
  for (const char* key : {"", "null", R"("")"}) {
    Probe probe(bench.target);
    probe.say(authenticate_message({.token = bench.tokens.good(), .client_public_key = key}, kPoint));
    probe.expect_refusal("Encryption handshake failed", 4004, "Encryption required");
  }
}

void token_before_key(const Bench& bench) {
  refused(bench, {.token = "x", .client_public_key = ""});
  refused(bench, {.token = "x", .client_public_key = R"("!!!!")"});
}

void key_refused(const Bench& bench, std::string_view json) {
  Probe probe(bench.target);
  probe.say(authenticate_message({.token = bench.tokens.good(), .client_public_key = std::string(json)}, kPoint));
  probe.expect_refusal("Authentication error", 4003, kFailed);
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

void key_no_base64(const Bench& bench) {
  std::string url_safe(kPoint);
  std::replace(url_safe.begin(), url_safe.end(), '+', '-');
  std::replace(url_safe.begin(), url_safe.end(), '/', '_');
  key_refused(bench, in_quotes("!!!!"));
  key_refused(bench, in_quotes(url_safe));
  key_refused(bench, in_quotes(kPoint.substr(0, kPoint.size() - 1)));
}

void key_no_point(const Bench& bench) {
  std::vector<std::uint8_t> off_curve = from_base64(kPoint).value();
  off_curve.back() ^= 1U;
  key_refused(bench, in_quotes("AAAA"));
  key_refused(bench, in_quotes(to_base64(off_curve)));
  key_refused(bench, in_quotes(to_base64(std::vector<std::uint8_t>(65, 0))));
}

void key_compressed(const Bench& bench) {
  const std::vector<std::uint8_t> point = from_base64(kPoint).value();
  std::vector<std::uint8_t> compressed(point.begin(), point.begin() + 33);
  compressed.front() = static_cast<std::uint8_t>(2 + (point.back() & 1U));
  key_refused(bench, in_quotes(to_base64(compressed)));
}

constexpr std::array kRefusalFacts{
    Fact{"authenticate without a token: `Authentication failed`, close 4003 `Authentication failed`", no_token},
    Fact{"a token that is not a JWT is refused with 4003", no_jwt},
    Fact{"a token with another payload under its signature is refused with 4003", other_payload},
    Fact{"a token without its signature is refused with 4003", cut_signature},
    Fact{"a token with alg none is refused with 4003", no_algorithm},
    Fact{"a token signed by a key of its own header is refused with 4003", own_key},
    Fact{"a token that has expired is refused with 4003", expired},
    Fact{"a token that is not valid yet is refused with 4003", not_yet},
    Fact{"a token without exp is refused with 4003", no_expiry},
    Fact{"a token without userId is refused with 4003", no_user},
    Fact{"a token whose userId is not an id is refused with 4003", bad_user},
    Fact{"a token whose userId has the shape of a room is refused with 4003", room_shaped_user},
    Fact{"a token over 8 KiB is refused with 4003", too_long},
    Fact{"a token with an unknown critical header is refused with 4003", critical_header},
    Fact{"a type that is not Bearer is refused with 4003", other_type},
    Fact{"no clientPublicKey: `Encryption handshake failed`, close 4004 `Encryption required`", no_key},
    Fact{"the token is judged before the clientPublicKey", token_before_key},
    Fact{"a clientPublicKey that is not base64: `Authentication error`, close 4003 `Authentication failed`",
         key_no_base64},
    Fact{"a clientPublicKey that is not a point of the curve is refused with 4003", key_no_point},
    Fact{"a compressed clientPublicKey is refused with 4003", key_compressed},
};

}  // namespace

std::span<const Fact> refusal_facts() {
  return kRefusalFacts;
}

}  // namespace nx::client::conform
