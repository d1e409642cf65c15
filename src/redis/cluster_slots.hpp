#pragma once
// The reply to CLUSTER SLOTS (Redis documentation, "CLUSTER SLOTS"): who serves the slots now. A preferred endpoint
// that is null or empty means the node that was asked.

#include <vector>

#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"

namespace nx::redis {

struct ClusterNodes {
  std::vector<Node> masters, replicas;  // sorted, each once
};

/// `asked` is the node that answered. The error says what was unexpected; "no slot is served" when the list is empty.
Result<ClusterNodes> read_cluster_slots(const RespValue& reply, const Node& asked);

}  // namespace nx::redis
