#include "session/room_list.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

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

void RoomList::want(const std::vector<RoomName>& rooms) {
  for (const RoomName& room : rooms) {
    if (room.value == kDefaultRoom) in_default_ = true;
    if (room.value == kNotificationRoom) in_notification_ = true;
    if (!parse_member_room(room.value)) continue;
    waiting_.push_back(room);
    waiting_bytes_ += cost(waiting_.back());
  }
}

std::vector<RoomName> RoomList::held() const {
  std::vector<RoomName> rooms = joined_;
  rooms.insert(rooms.end(), closed_.begin(), closed_.end());
  return rooms;
}

std::vector<RoomName> RoomList::next_question() {
  if (asking_) return {};
  std::size_t bytes = 0;
  while (!waiting_.empty() && wanted_.size() < kMaxAskedRooms && joined_.size() + closed_.size() < kMaxRooms) {
    const std::size_t next = cost(waiting_.front());
    if (!wanted_.empty() && bytes + next > kMaxAskedBytes) break;
    waiting_bytes_ -= next;
    RoomName room = std::move(waiting_.front());
    waiting_.pop_front();
    if (contains(joined_, room) || contains(wanted_, room)) continue;
    wanted_.push_back(std::move(room));
    bytes += next;
  }
  asking_ = !wanted_.empty();
  constexpr std::size_t kCopies = 3;
  for (const RoomName& room : wanted_) asked_bytes_ += kCopies * cost(room);
  if (!asking_) forget_waiting();  // the client is in as many rooms as it may be
  return wanted_;
}

void RoomList::forget_waiting() {
  std::deque<RoomName>().swap(waiting_);
  waiting_bytes_ = 0;
}

std::vector<RoomName> RoomList::admit(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed) {
  asking_ = false;
  asked_bytes_ = 0;
  std::vector<RoomName> added;
  for (const RoomName& room : asked) {
    if (!take_out(wanted_, room) || !contains(allowed, room)) continue;
    take_out(closed_, room);
    if (joined_.size() + closed_.size() >= kMaxRooms || contains(joined_, room)) continue;
    joined_.push_back(room);
    added.push_back(room);
  }
  if (wanted_.empty()) wanted_.shrink_to_fit();
  return added;
}

std::vector<RoomName> RoomList::leave(const std::vector<RoomName>& rooms) {
  // A frame may name 20,000 rooms: they are sorted once instead of searched for each room of the client.
  std::vector<std::string_view> named;
  named.reserve(rooms.size());
  for (const RoomName& room : rooms) {
    if (room.value == kDefaultRoom) in_default_ = false;
    if (room.value == kNotificationRoom) in_notification_ = false;
    if (parse_member_room(room.value)) named.emplace_back(room.value);
  }
  std::ranges::sort(named);
  const auto is_named = [&named](const RoomName& room) {
    return std::ranges::binary_search(named, std::string_view(room.value));
  };
  std::erase_if(waiting_, is_named);
  waiting_bytes_ = 0;
  for (const RoomName& room : waiting_) waiting_bytes_ += cost(room);
  std::erase_if(wanted_, is_named);
  std::vector<RoomName> gone;
  std::ranges::copy_if(joined_, std::back_inserter(gone), is_named);
  std::erase_if(joined_, is_named);
  std::erase_if(closed_, is_named);
  return gone;
}

RoomList::Kept RoomList::keep(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed) {
  Kept kept;
  for (const RoomName& room : asked) {
    const bool member = contains(allowed, room);
    if (!member && take_out(joined_, room)) kept.lost.push_back(room);
    if (!take_out(closed_, room) || !member) continue;
    joined_.push_back(room);
    kept.opened.push_back(room);
  }
  return kept;
}

std::vector<RoomName> RoomList::close() {
  std::vector<RoomName> open = std::exchange(joined_, {});
  closed_.insert(closed_.end(), open.begin(), open.end());
  return open;
}

}  // namespace nx::session
