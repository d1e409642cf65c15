#pragma once
// The rooms of one client: two default rooms as flags, the joined ones by name, those whose membership is being
// checked, and those that wait for a check. A refused name does not take the place of an allowed one; it only delays
// the allowed one. A room is closed when membership was not confirmed for too long: the client gets no pushes of it but
// keeps the room, and the room is opened again when membership is confirmed.

#include <deque>
#include <vector>

#include "model/ids.hpp"
#include "model/room_name.hpp"

namespace nx::session {

using nx::kDefaultRoom;
using nx::kNotificationRoom;

class RoomList {
 public:
  bool in_default() const { return in_default_; }
  bool in_notification() const { return in_notification_; }
  const std::vector<RoomName>& joined() const { return joined_; }
  bool has_closed() const { return !closed_.empty(); }
  /// The joined and the closed rooms, whose membership must be checked again.
  std::vector<RoomName> held() const;

  /// Joins the default rooms at once and queues the others for next_question().
  void want(const std::vector<RoomName>& rooms);

  /// Returns the next queued rooms to check, at most kMaxAskedRooms and kMaxAskedBytes, without those already joined.
  /// Empty while a question is unanswered, when nothing is queued, and when the client is in as many rooms as it may
  /// be.
  std::vector<RoomName> next_question();

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// Bytes of the room names in the unanswered question, including the copies in the question itself and in its
  /// callback.
  std::size_t asked_bytes() const { return asked_bytes_; }
  /// Drops the queued rooms.
  void forget_waiting();

  /// Processes the answer to the question `asked` and returns the newly joined rooms. A room that the client left
  /// meanwhile is not joined.
  std::vector<RoomName> admit(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

  /// Returns those of `rooms` that were joined until now.
  std::vector<RoomName> leave(const std::vector<RoomName>& rooms);

  struct Kept {
    std::vector<RoomName> lost, opened;
  };
  /// Processes the answer to a re-check of `asked`. `lost`: joined rooms that are no longer allowed. `opened`: closed
  /// rooms that are joined again.
  Kept keep(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

  /// Closes all rooms and returns those that were joined.
  std::vector<RoomName> close();

 private:
  static std::size_t cost(const RoomName& room) { return sizeof(RoomName) + 16 + room.value.capacity(); }
  bool in_default_ = true;
  bool in_notification_ = true;
  std::vector<RoomName> joined_;  // together with closed_ at most kMaxRooms
  std::vector<RoomName> closed_;
  bool asking_ = false;           // a question is unanswered; only one is sent at a time
  std::vector<RoomName> wanted_;  // rooms of that question that were not left since; at most kMaxAskedRooms
  std::deque<RoomName> waiting_;  // is_behind() stops reading from the client above kMaxWaitingRooms
  std::size_t waiting_bytes_ = 0;
  std::size_t asked_bytes_ = 0;
};

}  // namespace nx::session
