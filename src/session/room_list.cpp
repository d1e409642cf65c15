#include "session/room_list.hpp"

#include <algorithm>

#include "session/session_options.hpp"

namespace nx::session {

namespace {

bool contains(const std::vector<RoomName>& rooms, const RoomName& room) {
  return std::ranges::find(rooms, room) != rooms.end();
}

bool take_out(std::vector<RoomName>& rooms, const RoomName& room) {
  const auto found = std::ranges::find(rooms, room);
  if (found == rooms.end()) return false;
  rooms.erase(found);
  return true;
}

}  // namespace

bool is_policy_room(const RoomName& room) {
  for (const std::string_view prefix : {std::string_view{"org:"}, std::string_view{"merchant:"}}) {
    if (room.value.starts_with(prefix)) return room.value.size() > prefix.size();
  }
  return false;
}

std::vector<RoomName> RoomList::want(const std::vector<RoomName>& rooms) {
  std::vector<RoomName> asked;
  for (const RoomName& room : rooms) {
    if (room.value == kDefaultRoom) in_default_ = true;
    if (room.value == kNotificationRoom) in_notification_ = true;
    if (!is_policy_room(room) || contains(joined_, room) || contains(wanted_, room)) continue;
    if (wanted_.size() >= kMaxAskedRooms) break;
    wanted_.push_back(room);
    asked.push_back(room);
  }
  return asked;
}

std::vector<RoomName> RoomList::admit(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed) {
  std::vector<RoomName> added;
  for (const RoomName& room : asked) {
    if (!take_out(wanted_, room) || !contains(allowed, room)) continue;
    if (joined_.size() >= kMaxRooms || contains(joined_, room)) continue;
    joined_.push_back(room);
    added.push_back(room);
  }
  if (wanted_.empty()) wanted_.shrink_to_fit();
  return added;
}

std::vector<RoomName> RoomList::leave(const std::vector<RoomName>& rooms) {
  std::vector<RoomName> gone;
  for (const RoomName& room : rooms) {
    if (room.value == kDefaultRoom) in_default_ = false;
    if (room.value == kNotificationRoom) in_notification_ = false;
    take_out(wanted_, room);
    if (take_out(joined_, room)) gone.push_back(room);
  }
  return gone;
}

std::vector<RoomName> RoomList::keep(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed) {
  std::vector<RoomName> lost;
  for (const RoomName& room : asked) {
    if (!contains(allowed, room) && take_out(joined_, room)) lost.push_back(room);
  }
  return lost;
}

}  // namespace nx::session
