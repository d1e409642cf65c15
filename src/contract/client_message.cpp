#include "contract/client_message.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "json/document.hpp"
#include "model/keyed_hash.hpp"
#include "model/room_name.hpp"
#include "model/uuid.hpp"

namespace nx::contract {

namespace {

constexpr std::size_t kMaxRoomUnits = 256;  // IGNIS: r.length, UTF-16 code units

/// ECMA-262 ToBoolean for a JSON value.
bool is_truthy(json::View value) {
  switch (value.kind()) {
    case json::Kind::null:
      return false;
    case json::Kind::boolean:
      return value.is_true();
    case json::Kind::number:
      return std::strtod(std::string(value.raw()).c_str(), nullptr) != 0.0;
    case json::Kind::string:
      return value.raw().size() > 2;
    case json::Kind::array:
    case json::Kind::object:
      return true;
  }
  return false;
}

std::string text_of(json::View data, std::string_view name) {
  return data.find(name).text();
}

bool is_bearer(json::View type) {
  if (!type) return true;
  if (!type.is_string()) return false;
  constexpr std::string_view kBearer = "bearer";
  return std::ranges::equal(type.text(), kBearer, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// `lexeme` is a JSON number without fraction, exponent and minus sign.
bool is_plain_integer(std::string_view lexeme) {
  return std::ranges::all_of(lexeme, [](char c) { return c >= '0' && c <= '9'; });
}

Authenticate read_authenticate(json::View data) {
  Authenticate out;
  constexpr std::array<std::string_view, 5> kNames{"type", "token", "clientPublicKey", "since", "epoch"};
  const auto [type, token, key, since, epoch] = data.pick(kNames);
  out.bearer = is_bearer(type);
  out.token = token.text();
  if (key && !key.is_null()) {
    if (!key.is_string()) {
      out.key = Authenticate::Key::unusable;
    } else if (out.client_public_key = key.text(); !out.client_public_key.empty()) {
      out.key = Authenticate::Key::text;
    }
  }
  if (since) {
    out.since_form = Authenticate::Since::invalid;
    if (since.is_number() && is_plain_integer(since.raw())) {
      out.since_form = Authenticate::Since::given;
      out.since = since.as_int64().value_or(std::numeric_limits<std::int64_t>::max());
    }
  }
  // A value that is not text cannot be the epoch of any database.
  if (epoch && !epoch.is_null()) out.epoch = epoch.text();
  return out;
}

/// `text` must be valid UTF-8, as JSON text is.
std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

std::vector<RoomName> read_rooms(json::View data) {
  std::vector<RoomName> rooms;
  KeyedSet<std::string> seen;
  for (const json::View item : data.find("rooms").items()) {
    std::string name = item.text();
    if (name.empty() || has_channel_prefix(name) || utf16_units(name) > kMaxRoomUnits) continue;
    if (seen.insert(name).second) rooms.push_back({std::move(name)});
  }
  return rooms;
}

/// Reads `{ids}` or `{upTo}`, but not both.
ClientMessage read_ack(json::View data) {
  constexpr std::array<std::string_view, 2> kNames{"ids", "upTo"};
  const auto [ids, up_to] = data.pick(kNames);
  Ack ack;
  if (up_to) {
    const auto seq = up_to.is_number() && is_plain_integer(up_to.raw()) ? up_to.as_int64() : std::nullopt;
    if (ids || !seq || *seq < 1) return UnknownEvent{};
    ack.up_to = *seq;
    return ack;
  }
  for (const json::View item : ids.items()) {
    const auto id = parse_uuid(item.text());
    if (!id || ack.ids.size() == kMaxAcknowledgedIds) return UnknownEvent{};
    ack.ids.push_back({*id});
  }
  if (ack.ids.empty()) return UnknownEvent{};
  return ack;
}

}  // namespace

ClientMessage decode_client_message(std::string_view text) {
  const auto document = json::Document::read(text, {.lone_surrogates = json::LoneSurrogates::replaced});
  if (!document) return NotJson{};
  constexpr std::array<std::string_view, 3> kNames{"event", "data", "id"};
  const auto [event, data, id] = document->root().pick(kNames);
  if (!event || !is_truthy(event)) return Silence{};
  if (event.text_is("heartbeat")) return Heartbeat{};
  if (event.text_is("authenticate")) return read_authenticate(data);
  if (event.text_is("join")) return Join{read_rooms(data)};
  if (event.text_is("leave")) return Leave{read_rooms(data)};
  if (event.text_is("refresh")) return Refresh{text_of(data, "token")};
  if (event.text_is("encrypted")) return SealedMessage{text_of(data, "iv"), text_of(data, "ct")};
  if (event.text_is("ack")) return read_ack(data);
  if (event.text_is("ping")) return Ping{id ? json::write(id) : std::string{}};
  return UnknownEvent{};
}

}  // namespace nx::contract
