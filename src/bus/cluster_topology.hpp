#pragma once
// The nodes of a cluster. Decides when a master is asked for them; another node is asked if no master can be. Without a
// cluster the nodes of the URL are all there are. Used on the bus thread.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.hpp"
#include "observe/log.hpp"
#include "redis/cluster_slots.hpp"

namespace nx::bus {

class ClusterTopology final : private Connection::Owner {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// `masters` in order; `nodes`: the masters, then the replicas.
    virtual void on_topology(const std::vector<redis::Node>& masters, const std::vector<redis::Node>& nodes) = 0;
    /// An answer cannot be used; problem() says why.
    virtual void on_topology_not_usable() = 0;
  };

  /// All references are borrowed. `gate`: shared with the owner's messages about lost connections.
  ClusterTopology(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections, Listener& listener,
                  observe::LogGate& gate, const observe::Logger& log);
  ~ClusterTopology() override;

  void tick(runtime::SteadyTime now);

  bool known() const { return known_; }
  const std::string& problem() const { return problem_; }  // of the last answer; empty: none

  bool due(runtime::SteadyTime now) const { return connections_.url.cluster && now >= ask_at_; }
  void ask_at(runtime::SteadyTime when) { ask_at_ = when; }
  void ask_by(runtime::SteadyTime when) { ask_at_ = std::min(ask_at_, when); }
  void ask_not_before(runtime::SteadyTime when) { ask_at_ = std::max(ask_at_, when); }

  /// A question is on its way; the master that was last asked.
  bool is_asked() const { return is_asked_; }
  const redis::Node& last_asked() const { return last_asked_; }
  /// Appends the question to the output of a master's connection. Its answer goes to take().
  void ask(Connection& master);
  /// Asks a node other than a master, a different one each time, because no master can be asked.
  void ask_another_node();
  /// The connection with the question was lost.
  void lost() { is_asked_ = false; }
  void take(const redis::RespValue& reply, redis::Node asked);

 private:
  void on_open(Connection& connection) override;
  void on_value(Connection& connection, const redis::RespValue& value) override;
  void on_lost(Connection& connection, const Error& error) override;

  runtime::EventLoop& loop_;
  NameLookup& names_;
  const ConnectionOptions& connections_;
  Listener& listener_;
  observe::LogGate& gate_;
  const observe::Logger& log_;
  bool known_;  // false in a cluster before the first answer: the masters are the seeds of the URL
  bool is_asked_ = false;
  redis::Node last_asked_;
  std::string problem_;
  runtime::SteadyTime ask_at_;
  std::vector<redis::Node> nodes_;     // of the last answer, and the seeds
  std::shared_ptr<Connection> scout_;  // the connection to the other node
  std::size_t next_scout_ = 0;
};

}  // namespace nx::bus
