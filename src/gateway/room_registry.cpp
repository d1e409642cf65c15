#include "gateway/room_registry.hpp"

#include <algorithm>

namespace nx::gateway {

namespace {

constexpr std::size_t kFew = 32;

}  // namespace

void RoomRegistry::Room::add(fanout::SeatKey seat) {
  seats.push_back(seat);
  if (places.empty() && seats.size() <= kFew) return;
  for (std::size_t place = places.empty() ? 0 : seats.size() - 1; place < seats.size(); ++place) {
    places[seats[place].slot] = static_cast<std::uint32_t>(place);
  }
}

bool RoomRegistry::Room::remove(fanout::SeatKey seat) {
  std::size_t place = 0;
  if (places.empty()) {
    place = static_cast<std::size_t>(std::ranges::find(seats, seat) - seats.begin());
  } else {
    const auto found = places.find(seat.slot);
    place = found == places.end() ? seats.size() : found->second;
  }
  if (place >= seats.size() || seats[place] != seat) return false;
  seats[place] = seats.back();
  if (!places.empty()) {
    places[seats[place].slot] = static_cast<std::uint32_t>(place);
    places.erase(seat.slot);
  }
  seats.pop_back();
  return true;
}

void RoomRegistry::join(const RoomName& room, fanout::SeatKey seat) {
  Room& members = rooms_[room];
  if (members.seats.empty()) {
    presence_.add_room(room, shard_);
    if (subscriptions_.subscribe_room) subscriptions_.subscribe_room(room);
  }
  members.add(seat);
}

void RoomRegistry::leave(const RoomName& room, fanout::SeatKey seat) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || !found->second.remove(seat) || !found->second.seats.empty()) return;
  rooms_.erase(found);
  presence_.remove_room(room, shard_);
  if (subscriptions_.unsubscribe_room) subscriptions_.unsubscribe_room(room);
}

const std::vector<fanout::SeatKey>& RoomRegistry::members(const RoomName& room) const {
  static const std::vector<fanout::SeatKey> kNobody;
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? kNobody : found->second.seats;
}

}  // namespace nx::gateway
