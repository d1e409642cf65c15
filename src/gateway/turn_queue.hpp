#pragma once
// Connections of one shard that wait for their turn, first come, first served. A connection may end while it waits.
// Home thread only.

#include <deque>

#include "fanout/connection_location.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

template <class Connection>
class TurnQueue {
 public:
  /// Both references are borrowed.
  TurnQueue(const Slots<Connection>& connections, runtime::EventLoop& loop) : connections_(connections), loop_(loop) {}

  /// The caller adds a connection at most once before take() returns it.
  void add(fanout::SlotKey key) {
    waiting_.push_back(key);
    loop_.again();
  }

  /// Removes and returns the first connection that still exists; null when there is none.
  Connection* take() {
    while (!waiting_.empty()) {
      Connection* const connection = connections_.find(waiting_.front());
      waiting_.pop_front();
      if (connection != nullptr) return connection;
    }
    return nullptr;
  }

 private:
  const Slots<Connection>& connections_;
  runtime::EventLoop& loop_;
  std::deque<fanout::SlotKey> waiting_;
};

}  // namespace nx::gateway
