#pragma once
// From the bus to the connections here: the bytes of one Redis message → FanOut (docs/protocol.md#the-bus). The
// channel's name plays no part here, see BusDispatch.

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
  observe::SharedCounter replaced;  // lone surrogates that became U+FFFD
  observe::SharedCounter nobody;    // messages for many users of whom none is here
};

class Relay {
 public:
  /// `fan_out` is borrowed.
  Relay(RelayOptions options, fanout::FanOut& fan_out, const observe::Logger& log);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// An envelope. Never fails: what can not be relayed is dropped, counted, and logged at most once a second.
  void operator()(std::string_view message);

  /// A message of `signal:users`: no shard is woken when none of the users is here.
  void to_users(std::string_view message);

  /// A message of so many bytes was skipped before it came here.
  void skipped(std::size_t bytes);

  const RelayStats& stats() const { return stats_; }

 private:
  void relay_hint(contract::BusEnvelope& envelope);
  void drop_malformed(const std::string& reason);
  bool is_own(std::string_view server_id) const {
    return !options_.server_id.empty() && server_id == options_.server_id;
  }

  RelayOptions options_;
  fanout::FanOut& fan_out_;
  const observe::Logger& log_;
  observe::LogGate malformed_gate_, too_large_gate_;
  RelayStats stats_;
};

}  // namespace nx::delivery
