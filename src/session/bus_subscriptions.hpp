#pragma once
// With SIGNAL_BUS_SUBSCRIPTION=exact the bus delivers only what this instance has subscribed to. These functions tell
// it which users, clients and rooms are here. All are empty when the bus delivers everything. Called on the session's
// home loop; none blocks.

#include <functional>

#include "model/ids.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

struct BusSubscriptions {
  /// `confirmed` is called once, on that loop, when pushes to the user and to the client arrive here; also after a
  /// short time when the bus cannot confirm that. The session may be gone by then.
  std::function<void(const UserId&, const ClientId&, runtime::EventLoop&, std::function<void()> confirmed)> subscribe;
  std::function<void(const UserId&, const ClientId&)> unsubscribe;  // exactly once for each subscribe()

  /// Called when the first member on a shard joins a room and after the last one has left it.
  std::function<void(const RoomName&)> subscribe_room, unsubscribe_room;
};

}  // namespace nx::session
