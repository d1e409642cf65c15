#pragma once
// A bus that carries only what somebody here subscribes to (SIGNAL_BUS_SUBSCRIPTION=exact) is told which users, clients
// and rooms are here. All functions empty: the bus carries everything. Called on the session's home loop; none blocks.

#include <functional>

#include "model/ids.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

struct BusSubscriptions {
  /// `confirmed` is called once, on that loop, when what is pushed to the user or the client arrives here; soon also
  /// when that can not be known. The session may be gone by then.
  std::function<void(const UserId&, const ClientId&, runtime::EventLoop&, std::function<void()> confirmed)> subscribe;
  std::function<void(const UserId&, const ClientId&)> unsubscribe;  // once for each subscribe()

  /// For the first member of a room on a shard, and after the last one has left.
  std::function<void(const RoomName&)> subscribe_room, unsubscribe_room;
};

}  // namespace nx::session
