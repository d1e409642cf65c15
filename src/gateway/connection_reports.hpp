#pragma once
// Tells operators about connections of one shard that the gateway refuses, drops or closes: every one is counted, and
// at most one line per second and kind is logged by all shards together. Home thread only.

#include <string_view>

#include "gateway/admission.hpp"
#include "gateway/drop_counters.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/shard_counters.hpp"
#include "transport/ip_address.hpp"

namespace nx::gateway {

class ConnectionReports {
 public:
  /// Both references are borrowed.
  ConnectionReports(GatewayContext& context, ShardCounters& counters) : context_(context), counters_(counters) {}

  /// The gateway itself answers a request with an error.
  void refused(int status, std::string_view why, const transport::IpAddress& client);
  /// A connection ends without an answer.
  void dropped(Dropped reason, std::string_view detail, const transport::IpAddress& client);
  /// A connection is closed to make room for another one. The admission counts it.
  void yielded(Yield why, const transport::IpAddress& peer);

 private:
  GatewayContext& context_;
  ShardCounters& counters_;
};

}  // namespace nx::gateway
