#pragma once
// The sending half of the bus: a connection to each master. Queued messages go through one of them, probes through all;
// in a cluster it also asks for the topology. Bus thread only.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bus/cluster_topology.hpp"
#include "bus/connection.hpp"
#include "bus/masters.hpp"
#include "bus/outgoing_queue.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"

namespace nx::bus {

struct PublisherOptions {
  std::string probe_channel;
  std::size_t start = 0;  // chooses the master for messages, so that instances use different ones
  std::chrono::milliseconds probe_interval{2'000};
  // twice the longest back-off: the other instances are subscribed again by then
  std::chrono::milliseconds hold{1'000};
  // a master must answer something within this time while a command is unanswered
  std::chrono::milliseconds answer_within{10'000};
  std::chrono::milliseconds topology_interval{10'000};
  std::chrono::milliseconds topology_retry{200};  // while a master is missing
};

class Publisher final : private Connection::Owner, private ClusterTopology::Listener {
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
  bool idle() const { return queue_.empty() && !masters_.any_unconfirmed(); }  // no message is queued or unconfirmed

  /// The subscription is confirmed: only probes sent from now on count.
  void restart_probes();
  void receive_probe(std::string_view probe);

  /// Which masters' probes do not come back, and why, as a sentence; empty when all do.
  std::string lacking() const;
  /// True when the connection of a master is alive but its probes do not come back.
  bool has_silent_master() const { return masters_.any_silent(); }
  /// Reconnects to these masters.
  void drop_silent();
  std::size_t masters() const { return masters_.size(); }

  std::uint64_t published() const { return published_.value(); }  // any thread; messages confirmed by Redis
  std::uint64_t refused() const { return refused_.value(); }      // any thread

 private:
  void on_open(Connection& connection) override;
  void on_value(Connection& connection, const redis::RespValue& value) override;
  void on_lost(Connection& connection, const Error& error) override;

  void on_topology(const std::vector<redis::Node>& masters, const std::vector<redis::Node>& nodes) override;
  void on_topology_not_usable() override { listener_.on_masters_changed(); }

  void open(const redis::Node& node, Master& master);
  void lose(Master& master, const std::string& problem);
  void log_lost(observe::Level level, const std::string& reason);
  void probe(const redis::Node& node, Master& master);
  void drop_mute(const redis::Node& node, Master& master);
  void take_role(const redis::Node& node, Master& master, const redis::RespValue& reply);
  void ask_topology();
  void settle(const redis::Node& node, Master& master, const redis::RespValue& value);
  void settle_accepted(Master& master, const Sent& sent);
  void settle_refused(const redis::Node& node, Master& master, Sent sent, std::string_view text);

  runtime::EventLoop& loop_;
  NameLookup& names_;
  const ConnectionOptions& connections_;
  const PublisherOptions options_;
  OutgoingQueue& queue_;
  Listener& listener_;
  const observe::Logger& log_;
  Connection::Owner& owner_ = *this;
  Masters masters_;
  observe::LogGate refused_gate_, lost_gate_;
  ClusterTopology topology_;
  bool was_cut_off_ = false;  // no master was open
  runtime::SteadyTime hold_until_;
  bool role_refused_ = false;  // already logged
  runtime::SteadyTime probe_at_;
  observe::Counter published_, refused_;
};

}  // namespace nx::bus
