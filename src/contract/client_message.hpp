#pragma once
// Messages of clients on /stream (docs/protocol.md#what-a-client-may-say): parses the text of one message into one of
// the forms below.

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

/// JSON that is not an object or that has no truthy `event`: ignored in every state, as in IGNIS.
struct Silence {};

struct Heartbeat {};

struct Authenticate {
  // missing: absent, null or empty; unusable: not a string; text: a string that must still be checked
  enum class Key { missing, unusable, text };
  enum class Since { absent, invalid, given };

  bool bearer = true;  // false: `type` is present and is not `Bearer` in any letter case
  std::string token;   // empty when missing or not a string
  Key key = Key::missing;
  std::string client_public_key;
  Since since_form = Since::absent;
  std::int64_t since = 0;            // ≥ 0; larger numbers become the largest int64
  std::optional<std::string> epoch;  // the database to which `since` belongs; unset when absent or null
};

/// Room names of 1–256 UTF-16 units that do not begin with `ws:`, without duplicates (docs/protocol.md#rooms).
struct Join {
  std::vector<RoomName> rooms;
};
struct Leave {
  std::vector<RoomName> rooms;
};

struct Ping {
  std::string id_json;  // compact JSON of `id` as received; empty when absent
};

struct Refresh {
  std::string token;  // empty when missing or not a string
};

/// `{iv, ct}` as received; empty when missing, which cannot be decrypted.
struct SealedMessage {
  std::string iv, ct;
};

/// The client has these notifications, or every row up to `up_to`. An invalid `ack` becomes an UnknownEvent.
struct Ack {
  std::vector<NotificationId> ids;  // 1–100 ids, or none when up_to is set
  std::int64_t up_to = 0;           // ≥ 1 when set
};

struct UnknownEvent {};

using ClientMessage = std::variant<NotJson, Silence, Heartbeat, Authenticate, Join, Leave, Ping, Refresh, Ack,
                                   SealedMessage, UnknownEvent>;

/// Never fails: every sequence of bytes is one of the forms above.
ClientMessage decode_client_message(std::string_view text);

}  // namespace nx::contract
