#pragma once
// The rooms of one shard and their members among its connections. Default rooms are not stored: every open session that
// has not left them is a member. Tells Presence and the bus subscriptions when the first member joins and when the last
// one leaves. Home thread only.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "fanout/presence.hpp"
#include "model/ids.hpp"
#include "model/keyed_hash.hpp"
#include "session/bus_subscriptions.hpp"

namespace nx::gateway {

class RoomRegistry {
 public:
  /// Both references are borrowed.
  RoomRegistry(fanout::Presence& presence, const session::BusSubscriptions& subscriptions, std::uint32_t shard)
      : presence_(presence), subscriptions_(subscriptions), shard_(shard) {}

  void join(const RoomName& room, fanout::SlotKey key);
  void leave(const RoomName& room, fanout::SlotKey key);

  /// Valid until the next change; empty when the room has no members.
  const std::vector<fanout::SlotKey>& members(const RoomName& room) const;

 private:
  fanout::Presence& presence_;
  const session::BusSubscriptions& subscriptions_;
  std::uint32_t shard_;

  /// Has an index so that leaving a large room needs no search.
  struct Room {
    std::vector<fanout::SlotKey> members;
    std::unordered_map<std::uint32_t, std::uint32_t> positions;  // by slot; empty while the room is small
    void add(fanout::SlotKey key);
    bool remove(fanout::SlotKey key);
  };
  KeyedMap<RoomName, Room> rooms_;
};

}  // namespace nx::gateway
