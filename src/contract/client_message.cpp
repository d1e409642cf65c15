#include "contract/client_message.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "json/value.hpp"
#include "model/keyed_hash.hpp"

namespace nx::contract {

namespace {

constexpr std::size_t kMaxRoomUnits = 256;  // IGNIS: r.length, UTF-16 code units

/// ECMA-262 ToBoolean for a JSON value.
bool is_truthy(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return false;
    case json::Kind::boolean:
      return value.as_bool();
    case json::Kind::number:
      return std::strtod(value.text().c_str(), nullptr) != 0.0;
    case json::Kind::string:
      return !value.text().empty();
    case json::Kind::array:
    case json::Kind::object:
      return true;
  }
  return false;
}

std::string text_of(const json::Value& data, std::string_view name) {
  const json::Value* member = data.find(name);
  return member != nullptr && member->is_string() ? member->text() : std::string{};
}

bool is_bearer(const json::Value* type) {
  if (type == nullptr) return true;
  if (!type->is_string()) return false;
  constexpr std::string_view kBearer = "bearer";
  return std::ranges::equal(type->text(), kBearer, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// `lexeme` is a JSON number without fraction and exponent and without a minus sign.
bool is_plain_integer(const std::string& lexeme) {
  return std::ranges::all_of(lexeme, [](char c) { return c >= '0' && c <= '9'; });
}

Authenticate read_authenticate(const json::Value& data) {
  Authenticate out;
  out.bearer = is_bearer(data.find("type"));
  out.token = text_of(data, "token");
  if (const json::Value* key = data.find("clientPublicKey"); key != nullptr && !key->is_null()) {
    if (!key->is_string()) {
      out.key = Authenticate::Key::unusable;
    } else if (!key->text().empty()) {
      out.key = Authenticate::Key::text;
      out.client_public_key = key->text();
    }
  }
  if (const json::Value* since = data.find("since"); since != nullptr) {
    out.since_form = Authenticate::Since::invalid;
    if (since->is_number() && is_plain_integer(since->text())) {
      out.since_form = Authenticate::Since::given;
      out.since = since->as_int64().value_or(std::numeric_limits<std::int64_t>::max());
    }
  }
  return out;
}

/// `text` is valid UTF-8: JSON text is.
std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

std::vector<RoomName> read_rooms(const json::Value& data) {
  std::vector<RoomName> rooms;
  const json::Value* list = data.find("rooms");
  if (list == nullptr || !list->is_array()) return rooms;
  KeyedSet<std::string_view> seen;
  for (const json::Value& item : list->items()) {
    if (!item.is_string() || item.text().empty() || item.text().starts_with("ws:")) continue;
    if (utf16_units(item.text()) > kMaxRoomUnits || !seen.insert(item.text()).second) continue;
    rooms.push_back({item.text()});
  }
  return rooms;
}

}  // namespace

ClientMessage decode_client_message(std::string_view text) {
  const Result<json::Value> parsed = json::parse(text);
  if (!parsed) return NotJson{};
  const json::Value* event = parsed->find("event");
  if (event == nullptr || !is_truthy(*event)) return Silence{};
  if (!event->is_string()) return UnknownEvent{};

  static const json::Value kNothing;
  const json::Value* member = parsed->find("data");
  const json::Value& data = member != nullptr ? *member : kNothing;
  const std::string& name = event->text();
  if (name == "heartbeat") return Heartbeat{};
  if (name == "authenticate") return read_authenticate(data);
  if (name == "join") return Join{read_rooms(data)};
  if (name == "leave") return Leave{read_rooms(data)};
  if (name == "refresh") return Refresh{text_of(data, "token")};
  if (name == "encrypted") return SealedMessage{text_of(data, "iv"), text_of(data, "ct")};
  if (name == "ping") {
    const json::Value* id = parsed->find("id");
    return Ping{id != nullptr ? json::write(*id) : std::string{}};
  }
  return UnknownEvent{};
}

}  // namespace nx::contract
