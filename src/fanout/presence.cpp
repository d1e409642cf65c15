#include "fanout/presence.hpp"

#include <utility>

namespace nx::fanout {

std::size_t Presence::Connections::silent_longest() const {
  std::size_t longest = 0;
  runtime::SteadyTime since = first.last_received->load(std::memory_order_relaxed);
  for (std::size_t i = 1; i < others.size(); ++i) {
    const runtime::SteadyTime received = others[i - 1].last_received->load(std::memory_order_relaxed);
    if (received >= since) continue;
    longest = i;
    since = received;
  }
  return longest;
}

Presence::Connection Presence::Connections::take_out(std::size_t position) {
  const auto taken = others.begin() + static_cast<std::ptrdiff_t>(position == 0 ? 0 : position - 1);
  if (position == 0) std::swap(first, *taken);
  const Connection out = *taken;
  others.erase(taken);
  return out;
}

std::optional<ConnectionLocation> Presence::add_user(const UserId& user, const ConnectionLocation& location,
                                                     const LastReceived& last_received, std::size_t limit) {
  Stripe& stripe = stripe_of(HashedText(user.value));
  const std::unique_lock lock(stripe.mutex);
  const auto [place, is_new] = stripe.users.try_emplace(user.value, Connections{{location, &last_received}, {}});
  if (is_new) return std::nullopt;
  Connections& connections = place->second;
  connections.others.push_back({location, &last_received});
  if (limit == 0 || connections.others.size() + 1 <= limit) return std::nullopt;
  return connections.take_out(connections.silent_longest()).location;
}

void Presence::remove_user(const UserId& user, const ConnectionLocation& location) {
  const HashedText name(user.value);
  Stripe& stripe = stripe_of(name);
  const std::unique_lock lock(stripe.mutex);
  const auto found = stripe.users.find(name);
  if (found == stripe.users.end()) return;
  Connections& connections = found->second;
  if (connections.first.location != location) {
    std::erase_if(connections.others, [&location](const Connection& one) { return one.location == location; });
  } else if (connections.others.empty()) {
    stripe.users.erase(found);
  } else {
    connections.take_out(0);
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
