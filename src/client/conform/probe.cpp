#include "client/conform/probe.hpp"

#include <fmt/core.h>

#include "client/conform/finding.hpp"
#include "json/value.hpp"

namespace nx::client::conform {
namespace {

using Event = WebSocket::Event;
using Received = WebSocket::Received;

constexpr std::size_t kShown = 300;  // bytes shown of a message in a finding

std::string shown(std::string_view text) {
  return std::string(text.substr(0, kShown)) + (text.size() > kShown ? "…" : "");
}

std::string shown(const Closed& close) {
  return fmt::format("close {}{}", close.code, close.reason.empty() ? "" : fmt::format(" `{}`", close.reason));
}

std::string shown(const Received& received) {
  switch (received.event) {
    case Event::message:
      return (received.binary ? "binary message " : "message ") + shown(received.message);
    case Event::pong:
      return "a pong";
    case Event::closed:
      return shown(received.close);
    case Event::nothing:
    case Event::stopped:
      break;
  }
  return "nothing";
}

WebSocket open_socket(const Target& target) {
  auto socket = WebSocket::open(target.url, target.trust, target.soon(), target.stop);
  if (!socket) throw Differs{"an upgrade to WebSocket", socket.error().message};
  return std::move(*socket);
}

ClientKeys fresh_keys() {
  auto keys = ClientKeys::generate();
  if (!keys) throw Unchecked{keys.error().message};
  return std::move(*keys);
}

}  // namespace

std::string error_frame(std::string_view message) {
  std::string frame = R"({"event":"error","data":{"message":)";
  json::append_string(frame, message);
  return frame + "}}";
}

Probe::Probe(const Target& target) : target_(target), socket_(open_socket(target)) {}

Received Probe::next(std::string_view awaited, Deadline deadline) {
  auto received = socket_.receive(deadline);
  if (!received) throw Differs{std::string(awaited), received.error().message};
  if (received->event == Event::stopped) throw Unchecked{"interrupted"};
  return std::move(*received);
}

std::string Probe::receive(std::string_view awaited) {
  const Received received = next(awaited, target_.soon());
  demand(received.event == Event::message && !received.binary, awaited, shown(received));
  return received.message;
}

void Probe::demand_message(std::string_view expected, std::string_view got) {
  demand(expected == got, expected, shown(got));
}

std::string Probe::expect_pong() {
  const Received received = next("a pong", target_.soon());
  demand(received.event == Event::pong, "a pong", shown(received));
  return received.message;
}

void Probe::expect_close(std::uint16_t code, std::optional<std::string_view> reason) {
  const Closed wanted{code, std::string(reason.value_or(""))};
  const Received received = next(shown(wanted), target_.soon());
  const bool same =
      received.event == Event::closed && received.close.code == code && (!reason || received.close.reason == *reason);
  demand(same, shown(wanted), shown(received));
}

void Probe::expect_close_answered(const Closed& close) {
  const auto answer = socket_.close(close, target_.soon());
  const std::string expected = "close " + std::to_string(close.code);
  demand(answer && answer->code == close.code, expected, answer ? shown(*answer) : answer.error().message);
}

void Probe::expect_refusal(std::string_view message, std::uint16_t code, std::string_view reason) {
  const std::string expected = error_frame(message) + ", then " + shown(Closed{code, std::string(reason)});
  const Received received = next(expected, target_.soon());
  demand(received.event == Event::message && received.message == error_frame(message), expected, shown(received));
  expect_close(code, reason);
}

void Probe::expect_silence(std::chrono::milliseconds length) {
  const Received received = next("silence", std::chrono::steady_clock::now() + length);
  demand(received.event == Event::nothing, "silence", shown(received));
}

void Probe::expect_unanswered() {
  say(kNotJson);
  const Received received = next("no answer", target_.soon());
  demand(received.event == Event::message && received.message == kNotJsonAnswer,
         fmt::format("no answer, and {} to the next message, which is not JSON", kNotJsonAnswer), shown(received));
}

std::string authenticate_message(const Login& login, std::string_view public_key) {
  std::string key;
  json::append_string(key, public_key);
  std::string text = R"({"event":"authenticate","data":{)";
  if (login.type) text += R"("type":)" + *login.type + ",";
  text += R"("token":)";
  json::append_string(text, login.token);
  const std::string given = login.client_public_key.value_or(key);
  if (!given.empty()) text += R"(,"clientPublicKey":)" + given;
  return text + login.more + "}}";
}

Member::Member(const Target& target, const Login& login) : probe_(target), keys_(fresh_keys()) {
  probe_.say(authenticate_message(login, keys_.public_base64()));
  connected_ = probe_.receive("`connected`");
  demand(connected_.starts_with(R"({"event":"connected")"), "a `connected` in plaintext", shown(connected_));
  const auto frame = json::parse(connected_);
  const json::Value* const data = frame ? frame->find("data") : nullptr;
  const auto text = [data](std::string_view name) {
    const json::Value* const member = data == nullptr ? nullptr : data->find(name);
    return member != nullptr && member->is_string() ? member->text() : std::string();
  };
  const auto derive = [&](std::string_view info, std::optional<FrameKey>& key) {
    auto derived = keys_.derive(text("serverPublicKey"), text("salt"), info);
    if (!derived) throw Differs{"a usable serverPublicKey and salt", derived.error().message};
    key.emplace(std::move(*derived));
  };
  derive(kServerToClientInfo, inbound_);
  derive(kClientToServerInfo, outbound_);
}

std::string Member::connected_text(std::string_view member) const {
  const auto frame = json::parse(connected_);
  const json::Value* const data = frame ? frame->find("data") : nullptr;
  const json::Value* const value = data == nullptr ? nullptr : data->find(member);
  return value == nullptr ? std::string() : json::write(*value);
}

std::string Member::say_sealed(std::string_view text) {
  const auto sealed = outbound_->seal(text);
  if (!sealed) throw Unchecked{"OpenSSL cannot encrypt"};
  std::string envelope =
      R"({"event":"encrypted","data":{"iv":")" + sealed->iv_base64 + R"(","ct":")" + sealed->ct_base64 + R"("}})";
  say(envelope);
  return envelope;
}

std::string Member::receive(std::string_view awaited) {
  envelope_ = probe_.receive(awaited);
  const auto frame = json::parse(envelope_);
  const json::Value* const event = frame ? frame->find("event") : nullptr;
  const json::Value* const data = frame ? frame->find("data") : nullptr;
  const json::Value* const iv = data == nullptr ? nullptr : data->find("iv");
  const json::Value* const ct = data == nullptr ? nullptr : data->find("ct");
  if (event == nullptr || event->text() != "encrypted" || iv == nullptr || ct == nullptr) {
    throw Differs{"an envelope", shown(envelope_)};
  }
  auto text = inbound_->open(iv->text(), ct->text());
  demand(text.has_value(), "an envelope that opens", shown(envelope_));
  return std::move(*text);
}

void Member::expect(std::string_view message) {
  const std::string got = receive(message);
  demand(got == message, std::string(message) + " in an envelope", shown(got));
}

void Member::expect_unanswered() {
  say(kNotJson);
  const std::string got = receive(kNotJsonAnswer);
  demand(got == kNotJsonAnswer, fmt::format("no answer, and {} to the next message, which is not JSON", kNotJsonAnswer),
         shown(got));
}

}  // namespace nx::client::conform
