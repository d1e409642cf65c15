#pragma once
// From the bus to the connections here: the bytes of one Redis message → FanOut (contract §5). The channel's name plays
// no part.

#include <functional>
#include <string>
#include <string_view>

#include "contract/bus_envelope.hpp"
#include "fanout/fan_out.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"

namespace nx::delivery {

struct RelayOptions {
  std::string server_id;                 // this instance's: its own messages come back and are skipped
  std::size_t max_push_bytes = 262'144;  // SIGNAL_WS_MAX_PUSH_BYTES: larger messages are dropped
};

struct RelayStats {
  observe::SharedCounter relayed, own, malformed, too_large;
};

/// Takes the frame to whom the destination names; called on the thread that calls Relay.
using RelaySink = std::function<void(const contract::BusDestination&, const fanout::Payload& frame)>;

/// `fan_out` is borrowed.
RelaySink relay_to(fanout::FanOut& fan_out);

class Relay {
 public:
  Relay(RelayOptions options, RelaySink sink, const observe::Logger& log);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Any thread. Never fails: what can not be relayed is dropped, counted, and logged at most once a second.
  void operator()(std::string_view message);

  const RelayStats& stats() const { return stats_; }

 private:
  RelayOptions options_;
  RelaySink sink_;
  const observe::Logger& log_;
  observe::LogGate malformed_gate_, too_large_gate_;
  RelayStats stats_;
};

}  // namespace nx::delivery
