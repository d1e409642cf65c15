#pragma once
// The close of all connections of one shard at the shutdown: HTTP connections without a request are closed at once,
// sessions spread over the shutdown grace, so that their clients do not all reconnect at the same time. Home
// thread only.

#include <cstddef>
#include <vector>

#include "fanout/connection_location.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class HttpConnection;
class WsConnection;

class GradualClose {
 public:
  struct Plan {
    runtime::SteadyTime begin;
    runtime::SteadyTime::duration grace;
    int batches_before;  // batches of pushes from before the shutdown, which are sent before the first close
  };

  /// The references are borrowed. Connections that are made later are not closed.
  GradualClose(const Slots<WsConnection>& sessions, const Slots<HttpConnection>& requests, const Plan& plan);

  /// A batch of pushes was sent.
  void batch_sent() {
    if (plan_.batches_before > 0) --plan_.batches_before;
  }
  /// Closes the next connections that are due. Returns false when there were none.
  bool step(runtime::SteadyTime now);

 private:
  std::size_t due(runtime::SteadyTime now) const;

  const Slots<WsConnection>& sessions_;
  const Slots<HttpConnection>& requests_;
  Plan plan_;
  std::vector<fanout::SlotKey> to_close_;
  std::size_t closed_ = 0;                   // number of those at the front of to_close_ that were closed
  std::vector<fanout::SlotKey> to_examine_;  // HTTP connections
};

}  // namespace nx::gateway
