#pragma once
// The sending half: a connection to each master, the queue's messages through one of them, probes through all, and in a
// cluster the topology. Bus thread only.

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
  std::size_t start = 0;  // chooses the master that messages go through, so that instances spread
  std::chrono::milliseconds probe_interval{2'000};
  std::chrono::milliseconds probe_detour{500};      // from one master of a cluster to our subscription's node
  std::chrono::milliseconds hold{1'000};            // twice the longest back-off: by then the others are there
  std::uint64_t missing_probes = 3;                 // then a master counts as silent
  std::chrono::milliseconds answer_within{10'000};  // something, while anything is unanswered
  std::chrono::milliseconds topology_interval{10'000};
  std::chrono::milliseconds topology_retry{200};  // while a master is missing
};

class Publisher final : private Connection::Owner {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Nodes that can hold a subscription: masters, then replicas.
    virtual void on_nodes(const std::vector<redis::Node>& nodes) = 0;
    /// A master was lost, opened, or its probe came: ask lacking() again.
    virtual void on_masters_changed() = 0;
    /// A master is open again after all were away.
    virtual void on_restored() = 0;
    /// It was a master and has become a replica of another: what is published there does not reach everybody.
    virtual void on_replica(const std::string& problem) = 0;
  };

  /// All references are borrowed.
  Publisher(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections, PublisherOptions options,
            OutgoingQueue& queue, Listener& listener, const observe::Logger& log);
  ~Publisher() override;

  /// `received_until`: what Redis had for the subscription by then has come.
  void tick(runtime::SteadyTime now, runtime::SteadyTime received_until);

  /// Sends what waits, as far as the connections take it.
  void flush();

  /// Past the queue, while a master is open: what is of no use later.
  void send_now(std::string_view channel, std::string_view message);

  /// After all masters were away, what waits is held back until release(), but not for long: the others are not
  /// subscribed again yet, and would not receive it.
  bool holding() const { return loop_.now() < hold_until_; }
  void release();
  bool idle() const;  // nothing waits, nothing is unconfirmed

  /// The subscription has been confirmed: only probes sent from now on count.
  void restart_probes();
  void receive_probe(std::string_view probe);

  /// Whose probes do not come back, and why: a sentence, empty when nothing does.
  std::string lacking() const;
  /// A master whose connection is alive and whose probes do not come back.
  bool has_silent_master() const;
  /// Connects to these anew.
  void drop_silent();
  std::size_t masters() const { return masters_.size(); }

  std::uint64_t published() const { return published_.value(); }  // any thread; confirmed by Redis
  std::uint64_t refused() const { return refused_.value(); }      // any thread

 private:
  struct Sent {
    enum class What { message, probe, role, topology } what = What::message;  // probe: also others past the queue
    Outgoing outgoing;
    std::uint64_t probe = 0;  // its number; 0 is no probe
  };
  struct Master {
    std::shared_ptr<Connection> connection;
    runtime::Backoff backoff{std::chrono::milliseconds{50}, std::chrono::milliseconds{500}};
    runtime::SteadyTime try_at;
    std::deque<Sent> sent;                             // unconfirmed, in order
    runtime::SteadyTime answered_at;                   // the last time that nothing was unanswered, or an answer came
    std::size_t messages = 0;                          // of these
    std::uint64_t probe_sent = 0, probe_received = 0;  // numbers, from 1
    std::uint64_t probe_floor = 1;  // older ones do not count: another connection, another subscription
    bool silent = false;            // too many probes did not come back
    bool role_known = false;        // it has said once that it is no replica
    std::deque<std::pair<std::uint64_t, runtime::SteadyTime>> published;  // probes that Redis took, and when; the first
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
  redis::Node via_;      // the master that messages go through while it can
  redis::Node asked_;    // the master that was last asked for the topology
  bool topology_known_;  // false in a cluster before its first answer: the masters are the seeds
  bool topology_asked_ = false;
  bool was_cut_off_ = false;  // no master was open
  runtime::SteadyTime hold_until_;
  std::string topology_problem_;  // of the last answer
  bool role_refused_ = false;     // said once
  runtime::SteadyTime topology_at_, probe_at_;
  std::vector<redis::Node> nodes_;     // of the last topology, and the seeds
  std::shared_ptr<Connection> scout_;  // asks when no master can be asked
  std::size_t next_scout_ = 0;
  observe::Counter published_, refused_;
  observe::LogGate refused_gate_, lost_gate_;
};

}  // namespace nx::bus
