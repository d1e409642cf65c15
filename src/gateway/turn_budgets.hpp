#pragma once
// How long one turn of a shard serves ready connections at once, and how long it works on its queues afterwards
// (GatewayOptions::turn_time, turn_bytes). Home thread only.

#include <chrono>
#include <cstddef>

#include "gateway/gateway.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/turn_budget.hpp"

namespace nx::gateway {

class TurnBudgets {
 public:
  /// `loop` is borrowed.
  TurnBudgets(const runtime::EventLoop& loop, const GatewayOptions& options)
      : loop_(loop),
        arriving_({.time = options.turn_time / 2, .bytes = options.turn_bytes / 8}),
        working_({.time = options.turn_time, .bytes = options.turn_bytes}) {}

  /// Returns true while ready connections may still be served at once in this turn; afterwards only short reads of
  /// some clients are (WsConnection::on_ready).
  bool serves_at_once() {
    if (arriving_since_ != loop_.now()) {
      arriving_since_ = loop_.now();
      arriving_.begin(arriving_since_);
    }
    return arriving_.lasts();
  }
  void spend_arriving(std::size_t bytes) { arriving_.spend(bytes); }

  void begin_work() { working_.begin(std::chrono::steady_clock::now()); }
  bool works_on() const { return working_.lasts(); }
  void spend_working(std::size_t bytes) { working_.spend(bytes); }

 private:
  const runtime::EventLoop& loop_;
  runtime::TurnBudget arriving_;
  runtime::SteadyTime arriving_since_;  // the turn for which arriving_ was begun
  runtime::TurnBudget working_;
};

}  // namespace nx::gateway
