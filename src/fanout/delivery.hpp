#pragma once
// One push on its way to one shard: a text and its recipients on that shard. Value type, moved between threads.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fanout/connection_location.hpp"
#include "fanout/fan_out.hpp"

namespace nx::fanout {

struct ConnectionHint {
  SlotKey key;
  std::int64_t seq = 0;
  std::int64_t unread = 0;
};

struct Delivery {
  enum class To : std::uint8_t {
    hints,         // the recipients in `hints`, each with its own seq and unread
    connections,   // the recipients in `connections`
    client,        // the client with the id `client`
    room,          // the members of `room`
    everyone,      // every open session
    default_room,  // every open session that has not left ws-default
    notification_room
  };

  To to = To::everyone;
  Payload text;
  std::vector<ConnectionHint> hints;
  HintOrigin origin;                             // of hints
  std::chrono::system_clock::time_point put_at;  // of traced hints: when they were put into the mailbox
  std::vector<SlotKey> connections;
  UuidBytes client{};
  RoomName room;
  std::shared_ptr<const std::vector<UuidBytes>> exclude;  // sorted; null when nobody is excluded

  /// The recipients are a room or all sessions and not a list: consecutive deliveries to the same recipients can be
  /// processed together.
  bool is_broadcast() const { return to >= To::room; }
  bool same_recipients(const Delivery& other) const { return to == other.to && room == other.room; }
};

}  // namespace nx::fanout
