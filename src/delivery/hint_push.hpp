#pragma once
// Pushes a hint after the commit: to the connections of this instance, and over the bus to every other instance
// (docs/protocol.md#hints-between-instances). Up to 8 recipients get one `ws:user:<id>` envelope each; for more there
// is one message per 1,000 on `signal:users`.

#include <chrono>
#include <functional>
#include <string>

#include "delivery/young_hints.hpp"
#include "fanout/fan_out.hpp"

namespace nx::delivery {

/// Publishes on the bus: any thread, never blocks.
using Publish = std::function<void(std::string channel, std::string message)>;

struct BusHints {
  Publish publish;        // empty: there is no bus
  std::string server_id;  // id of this instance
  /// Called before each message; waits until the queue of the bus has space, and returns false if it has none by the
  /// given time. May be empty.
  std::function<bool(std::chrono::steady_clock::time_point)> wait_for_room;
  bool compat = false;  // SIGNAL_BUS_COMPAT: an envelope for each recipient, however many there are
};

inline constexpr std::size_t kEnvelopesAtMost = 8;  // docs/protocol.md#hints-between-instances

/// `fan_out` is borrowed. Waits for space in the queue of the bus within RoomPatience; messages beyond that may be
/// dropped by the bus. Used by one thread.
PushHint push_hint(fanout::FanOut& fan_out, BusHints bus = {});

/// Sends a complete frame to one user's connections, here and on every other instance. Any thread.
using TellUser = std::function<void(const UserId& user, const fanout::Payload& frame)>;
TellUser tell_user(fanout::FanOut& fan_out, BusHints bus);

}  // namespace nx::delivery
