#include "gateway/roster.hpp"

#include <algorithm>

namespace nx::gateway {

void Roster::join(const RoomName& room, fanout::SeatKey seat) {
  std::vector<fanout::SeatKey>& members = rooms_[room];
  if (members.empty()) {
    presence_.add_room(room, shard_);
    if (audience_.room_came) audience_.room_came(room);
  }
  members.push_back(seat);
}

void Roster::leave(const RoomName& room, fanout::SeatKey seat) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  std::vector<fanout::SeatKey>& members = found->second;
  const auto place = std::ranges::find(members, seat);
  if (place == members.end()) return;
  *place = members.back();
  members.pop_back();
  if (!members.empty()) return;
  rooms_.erase(found);
  presence_.remove_room(room, shard_);
  if (audience_.room_went) audience_.room_went(room);
}

const std::vector<fanout::SeatKey>& Roster::members(const RoomName& room) const {
  static const std::vector<fanout::SeatKey> kNobody;
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? kNobody : found->second;
}

}  // namespace nx::gateway
