#pragma once
// When a client that does not read is slow, and how long its close may take (docs/protocol.md#slow-clients). A slow
// client is closed with session::kSlowConsumer. These times are not settings; tests shorten them.

#include <chrono>

namespace nx::gateway {

struct SlowClientTimes {
  /// A client with more than SIGNAL_WS_BACKPRESSURE_BYTES in its queue is slow when its oldest frame is older than
  /// this time; with twice as many bytes it is slow at once (FrameQueue::is_backlog).
  std::chrono::milliseconds frame_age{5'000};
  /// From the close frame until its socket is dropped.
  std::chrono::milliseconds drop_after{10'000};
};

}  // namespace nx::gateway
