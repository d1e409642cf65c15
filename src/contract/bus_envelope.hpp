#pragma once
// What arrives on the bus (docs/protocol.md#the-bus): the text of one Redis message → an event and who is to get
// it. Two forms are taken, told apart by shape alone: `{serverId, type, target?, event, data?, exclude?}` and `{topic,
// data?, destination?}`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// Of JSON on the bus, which is trusted; the bound keeps recursion over a value small. More than a message may have
/// that becomes a hint (json::ReadLimits), since the hint's envelope is around it.
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
/// A destination that names no room: the client of that id if it is here, and the user of that id.
struct ToClientOrUser {
  std::string id;
  friend bool operator==(const ToClientOrUser&, const ToClientOrUser&) = default;
};

using BusDestination = std::variant<ToEveryone, ToRoom, ToClient, ToUser, ToClientOrUser>;

struct BusEnvelope {
  std::string server_id;  // who published it; empty in the form with `topic`
  BusDestination destination;
  std::string event;                // may be empty, as the reference takes it
  std::optional<std::string> data;  // JSON as it came; absent when the member is
  std::size_t replaced = 0;         // lone surrogates in the message that became U+FFFD
  // Siblings of `data` in a hint between instances (docs/protocol.md#hints-between-instances), for one user only.
  std::optional<std::string> traceparent;
  std::optional<std::int64_t> seq, unread;
  std::optional<std::int64_t> recorded;  // epoch ms of the Kafka record; never given to clients
};

/// The error (kind invalid) says what is wrong, never with the content.
Result<BusEnvelope> decode_bus_envelope(std::string_view text);

/// What clients get: `{"event":…}` with `data` when there is one, then `traceparent`, `seq` and `unread` when given.
std::string frame_text(const BusEnvelope& envelope);

}  // namespace nx::contract
