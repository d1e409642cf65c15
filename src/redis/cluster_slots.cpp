#include "redis/cluster_slots.hpp"

#include <algorithm>

#include "redis/greeting.hpp"

namespace nx::redis {
namespace {

// Each master costs a connection: one answer must not use up the descriptors of the clients. Redis itself is designed
// for up to 1,000 nodes.
constexpr std::size_t kMaxMasters = 500;
constexpr std::uint32_t kMaxRanges = 16'384;
constexpr std::size_t kMaxHostBytes = 253;  // of a DNS name

void sort_unique(std::vector<Node>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

}  // namespace

Result<ClusterNodes> read_cluster_slots(const RespValue& reply, const Node& asked) {
  const auto unexpected = [](const char* what) {
    return fail(ErrorKind::unavailable, std::string("CLUSTER SLOTS: ") + what);
  };
  if (reply.type() == RespType::error) return fail(ErrorKind::unavailable, explain(reply.text(), "CLUSTER SLOTS"));
  if (reply.type() != RespType::array) return unexpected("not an array");
  if (reply.size() == 0) return unexpected("no slot is served");
  if (reply.size() > kMaxRanges) return unexpected("more ranges than slots");
  ClusterNodes nodes;
  for (std::uint32_t i = 0; i < reply.size(); ++i) {
    const RespValue range = reply.at(i);
    // A range is start, end, the master, then its replicas.
    if (range.size() < 3) return unexpected("a range without a master");
    for (std::uint32_t k = 2; k < range.size(); ++k) {
      const RespValue entry = range.at(k);
      if (entry.size() < 2) return unexpected("a node without an address");
      const RespValue host = entry.at(0);
      const RespValue port = entry.at(1);
      if (port.type() != RespType::integer || port.number() < 0 || port.number() > 65'535) return unexpected("no port");
      // A node known only by its id (flag `noaddr`), e.g. after a reset.
      if (port.number() == 0) continue;
      if (host.text().size() > kMaxHostBytes) return unexpected("a host of more than 253 bytes");
      // "?" is an endpoint that the node does not know yet.
      Node node{std::string(host.text()), static_cast<std::uint16_t>(port.number())};
      if (host.type() == RespType::null || node.host.empty()) node.host = asked.host;
      if (node.host == "?") continue;
      (k == 2 ? nodes.masters : nodes.replicas).push_back(std::move(node));
    }
  }
  sort_unique(nodes.masters);
  sort_unique(nodes.replicas);
  if (nodes.masters.size() > kMaxMasters) return unexpected("more than 500 masters");
  if (nodes.masters.empty()) return unexpected("no master has an address");
  return nodes;
}

}  // namespace nx::redis
