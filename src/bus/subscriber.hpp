#pragma once
// The receiving half of the bus: one connection to one node, which holds all subscriptions. Bus thread only.

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/connection.hpp"
#include "bus/exact_channels.hpp"
#include "observe/log.hpp"
#include "runtime/backoff.hpp"

namespace nx::bus {

struct SubscriberOptions {
  std::vector<std::string> channels, patterns;      // subscribed in both modes
  std::chrono::milliseconds ping_interval{1'000};   // so that a dead peer is noticed by its silence
  std::chrono::milliseconds confirm_within{2'000};  // for one slice of subscriptions
  std::chrono::milliseconds behind_at_most{30'000};
};

class Subscriber final : private Connection::Owner {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_message(std::string_view channel, std::string_view message) = 0;
    virtual void on_too_large(std::string_view channel, std::size_t bytes) = 0;
    virtual void on_confirmed() = 0;  // all required subscriptions are confirmed
    virtual void on_subscription_lost() = 0;
  };

  /// All references are borrowed. `start` chooses the first node, so that instances use different ones.
  Subscriber(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& connections,
             SubscriberOptions options, std::size_t start, ExactChannels& exact, Listener& listener,
             const observe::Logger& log);
  ~Subscriber() override;

  void tick(runtime::SteadyTime now);

  /// The nodes to choose from at the next connect.
  void use(const std::vector<redis::Node>& nodes);

  /// Closes the connection and connects to the next node.
  void rotate(const std::string& reason);

  /// Must be called after channels were added to `exact` or removed from it.
  void update();

  bool confirmed() const { return confirmed_; }
  /// All messages that Redis had for us before this time have arrived: the answer to a PING sent then has arrived
  /// behind them. The minimum of the clock before the first answer.
  runtime::SteadyTime caught_up() const { return caught_up_; }
  /// The node in use, or the next one to be tried.
  const redis::Node& node() const { return connection_ ? connection_->node() : nodes_[at_ % nodes_.size()]; }
  const std::string& problem() const { return problem_; }  // of the last loss

 private:
  void on_open(Connection& connection) override;
  void on_value(Connection& connection, const redis::RespValue& value) override;
  void on_lost(Connection& connection, const Error& error) override;

  void lose(ErrorKind kind, const std::string& reason);
  void on_refusal(std::string_view error);
  void on_confirmation();
  bool all_confirmed() const;
  bool confirmation_is_late(runtime::SteadyTime now) const;
  void answered_ping();
  void send_next_slice();

  runtime::EventLoop& loop_;
  NameLookup& names_;
  const ConnectionOptions& connections_;
  const SubscriberOptions options_;
  ExactChannels& exact_;
  Listener& listener_;
  const observe::Logger& log_;
  Connection::Owner& owner_ = *this;
  std::vector<redis::Node> nodes_;
  std::size_t at_;
  std::size_t failures_ = 0;  // nodes tried in a row without success
  std::shared_ptr<Connection> connection_;
  runtime::Backoff backoff_{std::chrono::milliseconds{50}, std::chrono::milliseconds{500}};
  runtime::SteadyTime try_at_, ping_at_, slice_at_;
  // for each command in flight the number of confirmations still expected; 0 is a PING
  std::deque<std::size_t> awaited_;
  std::deque<runtime::SteadyTime> pings_;  // send times of the PINGs in flight, in order
  runtime::SteadyTime caught_up_;
  bool base_confirmed_ = false, confirmed_ = false;
  std::string problem_ = "not connected yet";
  observe::LogGate lost_gate_;
};

}  // namespace nx::bus
