#pragma once
// The sending half of the bus: a connection to each master. Queued messages go through one of them, probes through all;
// in a cluster it also asks for the topology. Bus thread only.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/connection.hpp"
#include "bus/outgoing_queue.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"
#include "redis/cluster_slots.hpp"
#include "runtime/backoff.hpp"

namespace nx::bus {

struct PublisherOptions {
  std::string probe_channel;
  std::size_t start = 0;  // chooses the master for messages, so that instances use different ones
  std::chrono::milliseconds probe_interval{2'000};
  // how long a message may take from one master of a cluster to the node of our subscription
  std::chrono::milliseconds probe_detour{500};
  // twice the longest back-off: the other instances are subscribed again by then
  std::chrono::milliseconds hold{1'000};
  std::uint64_t missing_probes = 3;  // after this many lost probes a master counts as silent
  // a master must answer something within this time while a command is unanswered
  std::chrono::milliseconds answer_within{10'000};
  std::chrono::milliseconds topology_interval{10'000};
  std::chrono::milliseconds topology_retry{200};  // while a master is missing
};

class Publisher final : private Connection::Owner {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Nodes that can hold a subscription: masters first, then replicas.
    virtual void on_nodes(const std::vector<redis::Node>& nodes) = 0;
    /// A master was lost or opened, or its probe came back: lacking() may have changed.
    virtual void on_masters_changed() = 0;
    /// A master is open again after none was.
    virtual void on_restored() = 0;
    /// A former master has become a replica of another one: messages published there do not reach all subscribers.
    virtual void on_replica(const std::string& problem) = 0;
  };

  /// All references are borrowed.
  Publisher(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections, PublisherOptions options,
            OutgoingQueue& queue, Listener& listener, const observe::Logger& log);
  ~Publisher() override;

  /// `received_until`: all messages that Redis sent to the subscription before that time have arrived.
  void tick(runtime::SteadyTime now, runtime::SteadyTime received_until);

  /// Sends queued messages as far as the connections accept them.
  void flush();

  /// Sends a message without the queue, if a master is open. For messages that are useless later.
  void send_now(std::string_view channel, std::string_view message);

  /// After all masters were unavailable, queued messages are held until release(), but not for long: before that the
  /// other instances are not subscribed again and would not receive them.
  bool holding() const { return loop_.now() < hold_until_; }
  void release();
  bool idle() const;  // no message is queued or unconfirmed

  /// The subscription is confirmed: only probes sent from now on count.
  void restart_probes();
  void receive_probe(std::string_view probe);

  /// Which masters' probes do not come back, and why, as a sentence; empty when all do.
  std::string lacking() const;
  /// True when the connection of a master is alive but its probes do not come back.
  bool has_silent_master() const;
  /// Reconnects to these masters.
  void drop_silent();
  std::size_t masters() const { return masters_.size(); }

  std::uint64_t published() const { return published_.value(); }  // any thread; messages confirmed by Redis
  std::uint64_t refused() const { return refused_.value(); }      // any thread

 private:
  struct Sent {
    // probe: also other messages sent without the queue
    enum class What { message, probe, role, topology } what = What::message;
    Outgoing outgoing;
    std::uint64_t probe = 0;  // number of the probe; 0: not a probe
  };
  struct Master {
    std::shared_ptr<Connection> connection;
    runtime::Backoff backoff{std::chrono::milliseconds{50}, std::chrono::milliseconds{500}};
    runtime::SteadyTime try_at;
    std::deque<Sent> sent;                             // unconfirmed commands, in order
    runtime::SteadyTime answered_at;                   // the last time that an answer arrived or nothing was unanswered
    std::size_t messages = 0;                          // messages in `sent`
    std::uint64_t probe_sent = 0, probe_received = 0;  // numbers, from 1
    std::uint64_t probe_floor = 1;  // older probes do not count: they belong to another connection or subscription
    bool silent = false;            // too many probes were lost
    bool role_known = false;        // the node has confirmed on this connection that it is not a replica
    // number and time of the first probes that Redis accepted and that have not come back
    std::deque<std::pair<std::uint64_t, runtime::SteadyTime>> published;
    std::string problem = "not connected yet";
    std::string replica_problem;  // of its last connection
  };
  using Masters = std::map<redis::Node, Master>;

  void on_open(Connection& connection) override;
  void on_value(Connection& connection, const redis::RespValue& value) override;
  void on_lost(Connection& connection, const Error& error) override;

  bool is_cut_off() const;
  void open(const redis::Node& node, Master& master);
  void lose(Master& master, const std::string& problem);
  void probe(const redis::Node& node, Master& master);
  void drop_mute(const redis::Node& node, Master& master);
  void note_published(Master& master, std::uint64_t probe) const;
  bool is_silent(Master& master, runtime::SteadyTime received_until) const;
  void take_role(const redis::Node& node, Master& master, const redis::RespValue& reply);
  void ask_topology();
  void take_topology(const redis::RespValue& reply, redis::Node asked);
  void scout();
  void settle(const redis::Node& node, Master& master, const redis::RespValue& value);
  Masters::iterator publishing_master();
  Masters::iterator next_to_ask();

  runtime::EventLoop& loop_;
  NameLookup& names_;
  const ConnectionOptions& connections_;
  const PublisherOptions options_;
  OutgoingQueue& queue_;
  Listener& listener_;
  const observe::Logger& log_;
  Connection::Owner& owner_ = *this;
  Masters masters_;
  redis::Node via_;      // the master used for messages while it is usable
  redis::Node asked_;    // the master that was last asked for the topology
  bool topology_known_;  // false in a cluster before the first answer: the masters are the seeds of the URL
  bool topology_asked_ = false;
  bool was_cut_off_ = false;  // no master was open
  runtime::SteadyTime hold_until_;
  std::string topology_problem_;  // of the last answer
  bool role_refused_ = false;     // already logged
  runtime::SteadyTime topology_at_, probe_at_;
  std::vector<redis::Node> nodes_;     // of the last topology, and the seeds
  std::shared_ptr<Connection> scout_;  // connection for the topology when no master can be asked
  std::size_t next_scout_ = 0;
  observe::Counter published_, refused_;
  observe::LogGate refused_gate_, lost_gate_;
};

}  // namespace nx::bus
