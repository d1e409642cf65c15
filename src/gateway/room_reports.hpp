#pragma once
// Tells operators about rooms of one shard whose membership could not be checked: it counts them, and all shards
// together log at most one line per second and kind. The clients are not told. Home thread only.

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/gateway_context.hpp"
#include "gateway/shard_counters.hpp"

namespace nx::gateway {

class RoomReports {
 public:
  /// Both references are borrowed.
  RoomReports(GatewayContext& context, ShardCounters& counters) : context_(context), counters_(counters) {}

  /// A client did not get `rooms` rooms that it wanted to join.
  void left_out(std::size_t rooms, std::string_view why);
  /// `clients` clients stay in their rooms for now.
  void unchecked(std::size_t clients, const std::string& why);
  /// A check was answered.
  void checked() { failure_.clear(); }
  /// A client lost `rooms` rooms, because no check was answered for too long.
  void closed(std::size_t rooms);

 private:
  GatewayContext& context_;
  ShardCounters& counters_;
  std::string failure_;  // why the last check failed; empty after an answer
};

}  // namespace nx::gateway
