#pragma once
// The reply to CLUSTER SLOTS (Redis documentation, "CLUSTER SLOTS"): the nodes that serve the slots. A preferred
// endpoint that is null or empty means the node that was asked.

#include <vector>

#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"

namespace nx::redis {

struct ClusterNodes {
  std::vector<Node> masters, replicas;  // sorted, without duplicates
};

/// `asked` is the node that answered. The error says what was unexpected; "no slot is served" for an empty list.
Result<ClusterNodes> read_cluster_slots(const RespValue& reply, const Node& asked);

}  // namespace nx::redis
