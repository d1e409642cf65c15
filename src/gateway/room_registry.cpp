#include "gateway/room_registry.hpp"

#include <algorithm>

namespace nx::gateway {

namespace {

constexpr std::size_t kFew = 32;

}  // namespace

void RoomRegistry::Room::add(fanout::SlotKey key) {
  members.push_back(key);
  if (positions.empty() && members.size() <= kFew) return;
  for (std::size_t position = positions.empty() ? 0 : members.size() - 1; position < members.size(); ++position) {
    positions[members[position].slot] = static_cast<std::uint32_t>(position);
  }
}

bool RoomRegistry::Room::remove(fanout::SlotKey key) {
  std::size_t position = 0;
  if (positions.empty()) {
    position = static_cast<std::size_t>(std::ranges::find(members, key) - members.begin());
  } else {
    const auto found = positions.find(key.slot);
    position = found == positions.end() ? members.size() : found->second;
  }
  if (position >= members.size() || members[position] != key) return false;
  members[position] = members.back();
  if (!positions.empty()) {
    positions[members[position].slot] = static_cast<std::uint32_t>(position);
    positions.erase(key.slot);
  }
  members.pop_back();
  return true;
}

void RoomRegistry::join(const RoomName& room, fanout::SlotKey key) {
  Room& found = rooms_[room];
  if (found.members.empty()) {
    presence_.add_room(room, shard_);
    if (subscriptions_.subscribe_room) subscriptions_.subscribe_room(room);
  }
  found.add(key);
}

void RoomRegistry::leave(const RoomName& room, fanout::SlotKey key) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || !found->second.remove(key) || !found->second.members.empty()) return;
  rooms_.erase(found);
  presence_.remove_room(room, shard_);
  if (subscriptions_.unsubscribe_room) subscriptions_.unsubscribe_room(room);
}

const std::vector<fanout::SlotKey>& RoomRegistry::members(const RoomName& room) const {
  static const std::vector<fanout::SlotKey> kNobody;
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? kNobody : found->second.members;
}

}  // namespace nx::gateway
