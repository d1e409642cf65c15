#pragma once
// Where a connection is: its shard, its slot there, and the slot's generation, so that a late delivery never reaches
// a successor. A client id carries its location: the last four bytes of the UUID are shard and slot, masked with a mix
// of the others, so that any thread finds a client's shard and slot from its id without a table. 86 random bits remain.

#include <cstdint>

#include "model/uuid.hpp"

namespace nx::fanout {

struct SlotKey {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const SlotKey&, const SlotKey&) = default;
};

struct ConnectionLocation {
  SlotKey key;
  std::uint32_t shard = 0;
  friend bool operator==(const ConnectionLocation&, const ConnectionLocation&) = default;
};

inline constexpr unsigned kMaxShards = 64;             // the width of a presence mask
inline constexpr std::uint32_t kMaxSlots = 1U << 26U;  // of one shard

struct ClientLocation {
  std::uint32_t shard = 0;  // may be any of 0–63: check against the number of shards
  std::uint32_t slot = 0;   // the slot's present client must be compared with the id
};

/// Writes the location into a random UUID v4.
void write_client_location(UuidBytes& id, ClientLocation location);
ClientLocation read_client_location(const UuidBytes& id);

}  // namespace nx::fanout
