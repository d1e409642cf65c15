// Asks for the masters of a cluster: one of the masters, or another node when no master can be asked.

#include <algorithm>
#include <utility>

#include "bus/publisher.hpp"
#include "redis/resp_command.hpp"

namespace nx::bus {

void Publisher::ask_topology() {
  const bool whole = topology_known_ && std::all_of(masters_.begin(), masters_.end(), [](const auto& one) {
                       return one.second.connection && one.second.connection->is_open();
                     });
  topology_at_ = loop_.now() + (whole ? options_.topology_interval : options_.topology_retry);
  if (topology_asked_) return;
  const auto chosen = next_to_ask();
  if (chosen == masters_.end()) return scout();
  asked_ = chosen->first;
  topology_asked_ = true;
  Master& master = chosen->second;
  redis::append_command(master.connection->output(), {"CLUSTER", "SLOTS"});
  master.sent.push_back({.what = Sent::What::topology, .outgoing = {}});
  master.connection->flush();
}

/// A different master each time, because one may be cut off from the cluster without knowing it; masters whose probes
/// come back are asked first.
Publisher::Masters::iterator Publisher::next_to_ask() {
  auto best = masters_.end();
  auto at = masters_.upper_bound(asked_);
  for (std::size_t i = 0; i < masters_.size(); ++i, ++at) {
    if (at == masters_.end()) at = masters_.begin();
    if (!at->second.connection || !at->second.connection->is_open()) continue;
    if (!at->second.silent) return at;
    if (best == masters_.end()) best = at;
  }
  return best;
}

/// Asks a node other than a master, a different one each time, because no master can be asked.
void Publisher::scout() {
  topology_asked_ = true;
  scout_ = std::make_shared<Connection>(loop_, names_, connections_, nodes_[next_scout_++ % nodes_.size()], owner_);
  scout_->open();
}

void Publisher::take_topology(const redis::RespValue& reply, redis::Node asked) {
  const auto found = redis::read_cluster_slots(reply, asked);
  topology_problem_ = found ? std::string() : asked.text() + ": " + found.error().message;
  if (!found) {
    std::int64_t suppressed = 0;
    if (lost_gate_.pass(suppressed)) {
      log_.warn("bus topology not usable",
                {{"node", asked.text()}, {"reason", found.error().message}, {"suppressed", suppressed}});
    }
    return listener_.on_masters_changed();
  }
  topology_known_ = true;
  nodes_ = found->masters;
  nodes_.insert(nodes_.end(), found->replicas.begin(), found->replicas.end());
  const auto candidates = nodes_;
  for (const redis::Node& seed : connections_.url.nodes) {
    if (std::find(nodes_.begin(), nodes_.end(), seed) == nodes_.end()) nodes_.push_back(seed);
  }
  for (auto at = masters_.begin(); at != masters_.end();) {
    if (std::binary_search(found->masters.begin(), found->masters.end(), at->first)) {
      ++at;
      continue;
    }
    if (at->second.connection) lose(at->second, "is no longer a master");
    at = masters_.erase(at);
  }
  for (const redis::Node& node : found->masters) masters_[node];
  topology_at_ = std::max(topology_at_, loop_.now() + options_.topology_retry);  // nodes may disagree for a while
  listener_.on_nodes(candidates);
  listener_.on_masters_changed();
}

}  // namespace nx::bus
