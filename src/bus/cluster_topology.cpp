#include "bus/cluster_topology.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "redis/resp_command.hpp"

namespace nx::bus {

ClusterTopology::ClusterTopology(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections,
                                 Listener& listener, observe::LogGate& gate, const observe::Logger& log)
    : loop_(loop),
      names_(names),
      connections_(connections),
      listener_(listener),
      gate_(gate),
      log_(log),
      known_(!connections.url.cluster),
      nodes_(connections.url.nodes) {}

ClusterTopology::~ClusterTopology() {
  if (scout_) scout_->close();
}

void ClusterTopology::tick(runtime::SteadyTime now) {
  if (const auto scout = scout_) scout->tick(now);
}

void ClusterTopology::ask(Connection& master) {
  last_asked_ = master.node();
  is_asked_ = true;
  redis::append_command(master.output(), {"CLUSTER", "SLOTS"});
}

void ClusterTopology::ask_another_node() {
  is_asked_ = true;
  Connection::Owner& owner = *this;
  scout_ = std::make_shared<Connection>(loop_, names_, connections_, nodes_[next_scout_++ % nodes_.size()], owner);
  scout_->open();
}

void ClusterTopology::on_open(Connection& connection) {
  redis::append_command(connection.output(), {"CLUSTER", "SLOTS"});
  connection.flush();
}

void ClusterTopology::on_value(Connection&, const redis::RespValue& value) {
  const auto scout = std::exchange(scout_, nullptr);
  scout->close();
  take(value, scout->node());
}

void ClusterTopology::on_lost(Connection&, const Error&) {
  scout_.reset();
  is_asked_ = false;
}

void ClusterTopology::take(const redis::RespValue& reply, redis::Node asked) {
  is_asked_ = false;
  const auto found = redis::read_cluster_slots(reply, asked);
  problem_ = found ? std::string() : fmt::format("{}: {}", asked.text(), found.error().message);
  if (!found) {
    std::int64_t suppressed = 0;
    if (gate_.pass(suppressed)) {
      log_.warn("bus topology not usable",
                {{"node", asked.text()}, {"reason", found.error().message}, {"suppressed", suppressed}});
    }
    return listener_.on_topology_not_usable();
  }
  known_ = true;
  nodes_ = found->masters;
  nodes_.insert(nodes_.end(), found->replicas.begin(), found->replicas.end());
  const auto nodes = nodes_;
  for (const redis::Node& seed : connections_.url.nodes) {
    if (std::find(nodes_.begin(), nodes_.end(), seed) == nodes_.end()) nodes_.push_back(seed);
  }
  listener_.on_topology(found->masters, nodes);
}

}  // namespace nx::bus
