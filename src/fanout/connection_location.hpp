#pragma once
// The location of a connection: its shard, its slot there, and the generation of the slot, so that a late delivery does
// not reach a later connection in the same slot. A client id contains its location: the last four bytes of the UUID are
// shard and slot, masked with a hash of the other bytes. So any thread finds the shard and slot of a client from its id
// without a table. 86 random bits remain.

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
  std::uint32_t shard = 0;  // 0–63: the caller must compare it with the number of shards
  std::uint32_t slot = 0;   // the caller must compare the id with that of the client now in the slot
};

/// Writes the location into a random UUID v4.
void write_client_location(UuidBytes& id, ClientLocation location);
ClientLocation read_client_location(const UuidBytes& id);

}  // namespace nx::fanout
