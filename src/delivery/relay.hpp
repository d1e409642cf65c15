#pragma once
// Relays messages from the bus to the connections of this instance: the bytes of one Redis message → FanOut
// (docs/protocol.md#the-bus). Channel names are handled by BusDispatch.

#include <functional>
#include <string>
#include <string_view>

#include "contract/bus_envelope.hpp"
#include "fanout/fan_out.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"

namespace nx::delivery {

struct RelayOptions {
  std::string server_id;                 // id of this instance: its own messages are received again and skipped
  std::size_t max_push_bytes = 262'144;  // SIGNAL_WS_MAX_PUSH_BYTES: larger messages are dropped
  bool traces = false;                   // read the `traceparent` of hints
};

struct RelayStats {
  observe::SharedCounter relayed, own, malformed, too_large;
  observe::SharedCounter replaced;  // unpaired surrogates that became U+FFFD
  observe::SharedCounter nobody;    // messages for many users, none of whom is connected here
};

class Relay {
 public:
  /// `fan_out` is borrowed.
  Relay(RelayOptions options, fanout::FanOut& fan_out, const observe::Logger& log);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Relays an envelope. Never fails: a message that cannot be relayed is dropped, counted, and logged at most once a
  /// second.
  void operator()(std::string_view message);

  /// Relays a message of `signal:users`: no shard is woken when none of the users is connected here.
  void to_users(std::string_view message);

  /// The bus skipped a message of this size.
  void skipped(std::size_t bytes);

  const RelayStats& stats() const { return stats_; }

 private:
  void relay_hint(contract::BusEnvelope& envelope);
  observe::SpanContext parent_of(std::string_view traceparent) const;
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
