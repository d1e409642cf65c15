#pragma once
// Users with their connections, and rooms with the shards that have a member. Written by the shards when a session
// opens, closes, joins or leaves; read by every thread that pushes. Any thread; striped locks, held for one look-up
// only.

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "fanout/connection_location.hpp"
#include "model/ids.hpp"
#include "model/keyed_hash.hpp"
#include "runtime/event_loop.hpp"

namespace nx::fanout {

using ShardMask = std::uint64_t;

class Presence {
 public:
  /// When the last message of a connection was received: written by its shard, read by any thread.
  using LastReceived = std::atomic<runtime::SteadyTime>;

  /// Adds the newest connection of a user. If the user now has more than `limit` connections (0: no limit), the other
  /// connection that has been silent for the longest time is removed and returned; the caller must close it.
  /// `last_received` is borrowed until remove_user().
  std::optional<ConnectionLocation> add_user(const UserId& user, const ConnectionLocation& location,
                                             const LastReceived& last_received, std::size_t limit);
  void remove_user(const UserId& user, const ConnectionLocation& location);

  /// Calls `visit(const ConnectionLocation&)` for each connection, oldest first, under the lock of the stripe: it must
  /// be short and must not call Presence. Returns false when the user has no connection.
  template <class Visit>
  bool visit_user(std::string_view user, const Visit& visit) const {
    const HashedText name(user);
    const Stripe& stripe = stripe_of(name);
    const std::shared_lock lock(stripe.mutex);
    const auto found = stripe.users.find(name);
    if (found == stripe.users.end()) return false;
    visit(found->second.first.location);
    for (const Connection& one : found->second.others) visit(one.location);
    return true;
  }

  /// For the first member of a room on a shard, and after its last member has left.
  void add_room(const RoomName& room, std::uint32_t shard);
  void remove_room(const RoomName& room, std::uint32_t shard);
  ShardMask shards_of(const RoomName& room) const;

  /// Counts the open sessions of a shard: the recipients of broadcasts and of the default rooms.
  void count_open(std::uint32_t shard, int change) { open_[shard].fetch_add(change, std::memory_order_relaxed); }
  bool has_open(std::uint32_t shard) const { return open_[shard].load(std::memory_order_relaxed) > 0; }

 private:
  struct Connection {
    ConnectionLocation location;
    const LastReceived* last_received;
  };
  /// Nearly every user has one connection, which needs no allocation of its own.
  struct Connections {
    Connection first;
    std::vector<Connection> others;
    std::size_t silent_longest() const;         // 0 is `first`, 1 is others[0]; the newest connection is not considered
    Connection take_out(std::size_t position);  // must not be called for the only connection
  };
  struct Stripe {
    mutable std::shared_mutex mutex;  // guards both maps
    KeyedMap<std::string, Connections> users;
    KeyedMap<std::string, ShardMask> rooms;
  };
  static constexpr std::size_t kStripes = 64;

  // A message from the bus may name a thousand users of whom few are here: each name is hashed only once.
  Stripe& stripe_of(const HashedText& name) { return stripes_[name.hash % kStripes]; }
  const Stripe& stripe_of(const HashedText& name) const { return stripes_[name.hash % kStripes]; }

  std::array<Stripe, kStripes> stripes_;
  std::array<std::atomic<std::int64_t>, kMaxShards> open_{};
};

}  // namespace nx::fanout
