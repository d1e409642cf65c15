#pragma once
// Messages of the bus (docs/protocol.md#the-bus): parses the text of one Redis message into an event and its
// recipients. Two forms are accepted, which differ only in their members: `{serverId, type, target?, event, data?,
// exclude?}` and `{topic, data?, destination?}`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// Nesting of JSON on the bus, which is trusted: bounds the recursion over a value. It is higher than the bound of a
/// message that becomes a hint (json::ReadLimits), because the envelope of the hint is added.
inline constexpr std::size_t kMaxBusDepth = 256;

struct ToEveryone {
  std::vector<ClientId> exclude;
  friend bool operator==(const ToEveryone&, const ToEveryone&) = default;
};
struct ToRoom {
  RoomName room;
  std::vector<ClientId> exclude;
  friend bool operator==(const ToRoom&, const ToRoom&) = default;
};
struct ToClient {
  ClientId client;
  friend bool operator==(const ToClient&, const ToClient&) = default;
};
struct ToUser {
  UserId user;
  friend bool operator==(const ToUser&, const ToUser&) = default;
};
/// A destination that does not name a room: the client with that id if it is here, and the user with that id.
struct ToClientOrUser {
  std::string id;
  friend bool operator==(const ToClientOrUser&, const ToClientOrUser&) = default;
};

using BusDestination = std::variant<ToEveryone, ToRoom, ToClient, ToUser, ToClientOrUser>;

struct BusEnvelope {
  std::string server_id;  // the publisher; empty in the form with `topic`
  BusDestination destination;
  std::string event;                // may be empty, as in the reference implementation
  std::optional<std::string> data;  // JSON as received; unset when the member is absent
  std::size_t replaced = 0;         // lone surrogates of the message that were replaced by U+FFFD
  // Siblings of `data` in a hint between instances (docs/protocol.md#hints-between-instances), only for a single user.
  std::optional<std::string> traceparent;
  std::optional<std::int64_t> seq, unread;
  std::optional<std::int64_t> recorded;  // epoch ms of the Kafka record; not sent to clients
};

/// The error (kind invalid) says what is wrong, without any content of the message.
Result<BusEnvelope> decode_bus_envelope(std::string_view text);

/// The frame for clients: `{"event":…}` with `data` when it is set, then `traceparent`, `seq` and `unread` when they
/// are set.
std::string frame_text(const BusEnvelope& envelope);

}  // namespace nx::contract
