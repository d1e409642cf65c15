#pragma once
// The rooms of one client: two default rooms as flags, the others by name, those whose membership is being asked, and
// those that wait to be asked. A name that is refused takes no place from one that is allowed: it only makes it wait.
// A room is closed when nobody has said for too long that the client is still a member: nothing of it is received, it
// keeps its place, and opens when somebody says so.

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
  /// Those whose membership is to be read again.
  std::vector<RoomName> held() const;

  /// Takes the default rooms at once; policy rooms wait for next_question().
  void want(const std::vector<RoomName>& rooms);

  /// The next of the waiting rooms to be asked, at most kMaxAskedRooms and kMaxAskedBytes: those that are not joined
  /// already. Empty while a question is unanswered, when nothing waits, and when the client is in as many rooms as it
  /// may.
  std::vector<RoomName> next_question();

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t waiting_bytes() const { return waiting_bytes_; }
  /// Of the names in the question that is unanswered: here, in the question, and with whoever waits for the answer.
  std::size_t asked_bytes() const { return asked_bytes_; }
  /// Nothing more is asked.
  void forget_waiting();

  /// The answer for `asked`: returns those that are joined by it. A room that was left meanwhile stays left.
  std::vector<RoomName> admit(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

  /// Returns those that were joined and are not any more.
  std::vector<RoomName> leave(const std::vector<RoomName>& rooms);

  struct Kept {
    std::vector<RoomName> lost, opened;
  };
  /// The answer to a re-check of `asked`: those that were joined and are not any more, and those that are again.
  Kept keep(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

  /// Closes all rooms; returns those that were joined.
  std::vector<RoomName> close();

 private:
  static std::size_t cost(const RoomName& room) { return sizeof(RoomName) + 16 + room.value.capacity(); }
  bool in_default_ = true;
  bool in_notification_ = true;
  std::vector<RoomName> joined_;  // with those closed ≤ kMaxRooms
  std::vector<RoomName> closed_;
  bool asking_ = false;           // a question is unanswered: one at a time
  std::vector<RoomName> wanted_;  // of that question, what was not left since; ≤ kMaxAskedRooms
  std::deque<RoomName> waiting_;  // whoever reads the client stops at kMaxWaitingRooms
  std::size_t waiting_bytes_ = 0;
  std::size_t asked_bytes_ = 0;
};

}  // namespace nx::session
