#pragma once
// One push on its way to one shard: a text and who of that shard is meant. Value type, moved from thread to thread.

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
    hints,         // `hints`: each with its own tail
    connections,   // `connections`
    client,        // whoever has the id `client`
    room,          // members of `room`
    everyone,      // every open session
    default_room,  // every open session that has not left ws-default
    notification_room
  };

  To to = To::everyone;
  Payload text;
  std::vector<ConnectionHint> hints;
  EpochMs recorded;  // of hints: the Kafka record's time
  std::vector<SlotKey> connections;
  UuidBytes client{};
  RoomName room;
  std::shared_ptr<const std::vector<UuidBytes>> exclude;  // sorted; null for none

  /// Has a membership rather than a list: two in a row for the same recipients can be walked together.
  bool is_broadcast() const { return to >= To::room; }
  bool same_recipients(const Delivery& other) const { return to == other.to && room == other.room; }
};

}  // namespace nx::fanout
