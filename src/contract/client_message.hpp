#pragma once
// What a client may say on /stream (docs/protocol.md#what-a-client-may-say): the text of one message → what it asks
// for.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/acknowledgement.hpp"
#include "model/ids.hpp"

namespace nx::contract {

/// Not JSON: answered `Invalid message format`.
struct NotJson {};

/// JSON, but no object, or without a truthy `event`: ignored in every state, as IGNIS does.
struct Silence {};

struct Heartbeat {};

struct Authenticate {
  enum class Key { missing, unusable, text };  // absent, null or empty; no string; a string that is still to be checked
  enum class Since { absent, invalid, given };

  bool bearer = true;  // false: a `type` is there and is not `Bearer` in any letter case
  std::string token;   // empty when missing or no string
  Key key = Key::missing;
  std::string client_public_key;
  Since since_form = Since::absent;
  std::int64_t since = 0;            // ≥ 0; beyond int64 it is the largest one
  std::optional<std::string> epoch;  // which database `since` is a position of; unset when absent or null
};

/// Names of 1–256 UTF-16 units that do not begin with `ws:`, duplicates removed (docs/protocol.md#rooms).
struct Join {
  std::vector<RoomName> rooms;
};
struct Leave {
  std::vector<RoomName> rooms;
};

struct Ping {
  std::string id_json;  // compact JSON of `id` as it came; empty when absent
};

struct Refresh {
  std::string token;  // empty when missing or no string
};

/// `{iv, ct}` as they came; empty strings when missing, which open nothing.
struct SealedMessage {
  std::string iv, ct;
};

/// The client has these notifications, or every row up to one. An `ack` of another shape is an UnknownEvent.
struct Ack {
  std::vector<NotificationId> ids;  // 1–100, or none and
  std::int64_t up_to = 0;           // ≥ 1
};

struct UnknownEvent {};

using ClientMessage = std::variant<NotJson, Silence, Heartbeat, Authenticate, Join, Leave, Ping, Refresh, Ack,
                                   SealedMessage, UnknownEvent>;

/// Never fails: whatever the bytes are, one of the forms above says what they mean.
ClientMessage decode_client_message(std::string_view text);

}  // namespace nx::contract
