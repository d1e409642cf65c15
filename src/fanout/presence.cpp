#include "fanout/presence.hpp"

#include <algorithm>

namespace nx::fanout {

std::optional<Seat> Presence::add_user(const UserId& user, const Seat& seat, std::size_t limit) {
  Stripe& stripe = stripe_of(HashedText(user.value));
  const std::unique_lock lock(stripe.mutex);
  const auto [place, is_new] = stripe.users.try_emplace(user.value, Seats{seat, {}});
  if (is_new) return std::nullopt;
  Seats& seats = place->second;
  seats.others.push_back(seat);
  if (limit == 0 || seats.others.size() + 1 <= limit) return std::nullopt;
  const Seat oldest = seats.first;
  seats.first = seats.others.front();
  seats.others.erase(seats.others.begin());
  return oldest;
}

void Presence::remove_user(const UserId& user, const Seat& seat) {
  const HashedText name(user.value);
  Stripe& stripe = stripe_of(name);
  const std::unique_lock lock(stripe.mutex);
  const auto found = stripe.users.find(name);
  if (found == stripe.users.end()) return;
  Seats& seats = found->second;
  if (seats.first != seat) {
    std::erase(seats.others, seat);
  } else if (seats.others.empty()) {
    stripe.users.erase(found);
  } else {
    seats.first = seats.others.front();
    seats.others.erase(seats.others.begin());
  }
}

void Presence::add_room(const RoomName& room, std::uint32_t shard) {
  Stripe& stripe = stripe_of(HashedText(room.value));
  const std::unique_lock lock(stripe.mutex);
  stripe.rooms[room.value] |= ShardMask{1} << shard;
}

void Presence::remove_room(const RoomName& room, std::uint32_t shard) {
  const HashedText name(room.value);
  Stripe& stripe = stripe_of(name);
  const std::unique_lock lock(stripe.mutex);
  const auto found = stripe.rooms.find(name);
  if (found == stripe.rooms.end()) return;
  found->second &= ~(ShardMask{1} << shard);
  if (found->second == 0) stripe.rooms.erase(found);
}

ShardMask Presence::shards_of(const RoomName& room) const {
  const HashedText name(room.value);
  const Stripe& stripe = stripe_of(name);
  const std::shared_lock lock(stripe.mutex);
  const auto found = stripe.rooms.find(name);
  return found == stripe.rooms.end() ? 0 : found->second;
}

}  // namespace nx::fanout
