#pragma once
// The masters of Redis, each with its connection and the commands that it has not answered; which of them is used for
// what. Used on the bus thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.hpp"
#include "bus/master_role.hpp"
#include "bus/outgoing_queue.hpp"
#include "bus/probes.hpp"
#include "runtime/backoff.hpp"

namespace nx::bus {

/// A command that was sent and not answered.
struct Sent {
  // probe: also other messages sent without the queue
  enum class What { message, probe, role, topology } what = What::message;
  Outgoing outgoing;
  std::uint64_t probe = 0;  // number of the probe; 0: not a probe
};

struct Master {
  bool is_open() const { return connection && connection->is_open(); }

  std::shared_ptr<Connection> connection;
  runtime::Backoff backoff{std::chrono::milliseconds{50}, std::chrono::milliseconds{500}};
  runtime::SteadyTime try_at;
  std::deque<Sent> sent;            // unconfirmed commands, in order
  runtime::SteadyTime answered_at;  // the last time that an answer arrived or nothing was unanswered
  std::size_t messages = 0;         // messages in `sent`
  Probes probes;
  MasterRole role;
  std::string problem = "not connected yet";
};

class Masters {
 public:
  using Map = std::map<redis::Node, Master>;
  using Entry = Map::value_type;

  /// `start` chooses the master for messages, so that instances use different ones.
  Masters(const std::vector<redis::Node>& nodes, std::size_t start);

  Map& map() { return map_; }
  std::size_t size() const { return map_.size(); }
  /// The master at that node, which is one of them.
  Entry& at(const redis::Node& node) { return *map_.find(node); }

  /// The master for messages; null: none can be used. The current one while it is open and its probes come back;
  /// otherwise another such master; otherwise any open one. Only masters whose role is known are considered: a replica
  /// accepts messages too, but hardly any subscriber receives them.
  Master* publishing();
  /// The open master to ask after the one at `asked`; null: none is open. A different one each time, because one may be
  /// cut off from the cluster without knowing it; masters whose probes come back are asked first.
  Entry* to_ask_after(const redis::Node& asked);

  bool any_open() const;
  bool all_open() const;
  bool any_silent() const;  // the connection of a master is alive, but its probes do not come back
  bool any_unconfirmed() const;
  /// The first problem of a master, as a sentence; empty: none.
  std::string problem() const;
  /// Which master's probes do not come back, and why, as a sentence; empty: they all do.
  std::string lacking() const;

 private:
  Map map_;
  redis::Node via_;  // the master used for messages while it is usable
  const std::size_t start_;
};

}  // namespace nx::bus
