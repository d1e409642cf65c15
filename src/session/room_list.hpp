#pragma once
// The rooms of one client: two default rooms as flags, the others by name, and those whose membership is still being
// asked.

#include <vector>

#include "model/ids.hpp"

namespace nx::session {

inline constexpr const char* kDefaultRoom = "ws-default";
inline constexpr const char* kNotificationRoom = "ws-notification";

/// `org:<id>` or `merchant:<id>` with a non-empty id: the rooms that policy rows decide about.
bool is_policy_room(const RoomName& room);

class RoomList {
 public:
  bool in_default() const { return in_default_; }
  bool in_notification() const { return in_notification_; }
  const std::vector<RoomName>& joined() const { return joined_; }

  /// Takes the default rooms at once and returns those that must be asked: policy rooms that are neither joined nor
  /// asked already.
  std::vector<RoomName> want(const std::vector<RoomName>& rooms);

  /// The answer for `asked`: returns those that are joined by it. A room that was left meanwhile stays left.
  std::vector<RoomName> admit(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

  /// Returns those that were joined and are not any more.
  std::vector<RoomName> leave(const std::vector<RoomName>& rooms);

  /// The answer to a re-check of `asked`: returns those that were lost.
  std::vector<RoomName> keep(const std::vector<RoomName>& asked, const std::vector<RoomName>& allowed);

 private:
  bool in_default_ = true;
  bool in_notification_ = true;
  std::vector<RoomName> joined_;  // ≤ kMaxRooms
  std::vector<RoomName> wanted_;  // ≤ kMaxAskedRooms
};

}  // namespace nx::session
