#pragma once
// A bus that carries only what somebody here hears (SIGNAL_BUS_SUBSCRIPTION=exact) is told who comes and goes. All
// functions empty: the bus carries everything. Called on the session's home loop; none blocks.

#include <functional>

#include "model/ids.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

struct Audience {
  /// `heard` is called once, on that loop, when what is pushed to the user or the client arrives here; soon also when
  /// that can not be known. The session may be gone by then.
  std::function<void(const UserId&, const ClientId&, runtime::EventLoop&, std::function<void()> heard)> came;
  std::function<void(const UserId&, const ClientId&)> went;  // once for each came()

  /// A shard's first member of a room, its last.
  std::function<void(const RoomName&)> room_came, room_went;
};

}  // namespace nx::session
