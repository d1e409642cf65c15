#pragma once
// Who is connected where: users with their seats, rooms with the shards that have a member. Written by the shards when
// a session opens, closes, joins or leaves; read by whoever pushes. Any thread; striped locks, held for one look-up
// only.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fanout/seat.hpp"
#include "model/ids.hpp"

namespace nx::fanout {

using ShardMask = std::uint64_t;

class Presence {
 public:
  /// Adds the newest seat of a user. Over `limit` seats (0: none) the oldest is forgotten and returned: its connection
  /// is to be closed.
  std::optional<Seat> add_user(const UserId& user, const Seat& seat, std::size_t limit);
  void remove_user(const UserId& user, const Seat& seat);

  /// Calls `visit(const Seat&)` for each seat, oldest first, under the stripe's lock: must be short and not call back.
  /// False: none.
  template <class Visit>
  bool visit_user(std::string_view user, const Visit& visit) const {
    const Stripe& stripe = stripe_of(user);
    const std::shared_lock lock(stripe.mutex);
    const auto found = stripe.users.find(user);
    if (found == stripe.users.end()) return false;
    visit(found->second.first);
    for (const Seat& seat : found->second.others) visit(seat);
    return true;
  }

  /// A shard's first member of a room has come, its last has gone.
  void add_room(const RoomName& room, std::uint32_t shard);
  void remove_room(const RoomName& room, std::uint32_t shard);
  ShardMask shards_of(const RoomName& room) const;

  /// Open sessions of a shard: the audience of broadcasts and of the default rooms.
  void count_open(std::uint32_t shard, int change) { open_[shard].fetch_add(change, std::memory_order_relaxed); }
  bool has_open(std::uint32_t shard) const { return open_[shard].load(std::memory_order_relaxed) > 0; }

 private:
  /// Nearly every user has one seat: it costs no allocation of its own.
  struct Seats {
    Seat first;
    std::vector<Seat> others;
  };
  /// Looked up by views: a message from the bus names a thousand users, few or none of them here.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Stripe {
    mutable std::shared_mutex mutex;  // guards both maps
    std::unordered_map<std::string, Seats, TextHash, std::equal_to<>> users;
    std::unordered_map<RoomName, ShardMask> rooms;
  };
  static constexpr std::size_t kStripes = 64;

  static std::size_t index_of(std::string_view text) { return std::hash<std::string_view>{}(text) % kStripes; }
  Stripe& stripe_of(std::string_view text) { return stripes_[index_of(text)]; }
  const Stripe& stripe_of(std::string_view text) const { return stripes_[index_of(text)]; }

  std::array<Stripe, kStripes> stripes_;
  std::array<std::atomic<std::int64_t>, kMaxShards> open_{};
};

}  // namespace nx::fanout
