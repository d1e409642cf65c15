#pragma once
// Redis pub/sub between services and instances (docs/bus.md): one thread, one subscriber; any thread may publish. Only
// wait_for_room() blocks a caller. While Redis is unavailable the bus does not fail: it reconnects again and again, and
// connected() returns false.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/outgoing_queue.hpp"
#include "model/result.hpp"
#include "model/time.hpp"
#include "observe/log.hpp"
#include "redis/redis_url.hpp"
#include "transport/tls_context.hpp"

namespace nx::bus {

/// Time from the connection until the others' queues are sent: they hold them for at most a second.
inline constexpr std::chrono::milliseconds kSettle{2'000};

struct BusOptions {
  redis::RedisUrl url;
  std::shared_ptr<const transport::TlsClientContext> tls;  // null without TLS
  std::string server_id;                                   // the id of this process
  bool exact = false;                                      // SIGNAL_BUS_SUBSCRIPTION
  std::vector<std::string> exact_common;                   // in exact mode: channels to which every instance subscribes
  std::vector<std::string> channels;                       // in both modes: further channels of this instance
  std::size_t max_message_bytes = 1U << 20U;               // longer messages are skipped
  OutgoingLimits outgoing;
  // when Redis answers nothing for this time, the connection is replaced
  std::chrono::milliseconds answer_within{10'000};
  std::chrono::milliseconds behind_at_most{30'000};  // how far the subscription may be behind before it is replaced
};

class Bus {
 public:
  /// Receives the messages. Called on the bus thread with views that are valid only during the call.
  struct Receiver {
    std::function<void(std::string_view channel, std::string_view message)> message;
    std::function<void(std::string_view channel, std::size_t bytes)> too_large;
    /// The bus is connected after a time without connection; messages of others published at `since` or later may be
    /// lost. Called kSettle after the connection, when what waited at the others has arrived. May be empty.
    std::function<void(EpochMs since)> restored = {};
  };

  Bus(BusOptions options, Receiver receiver, const observe::Logger& log);
  ~Bus();  // calls stop()
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// `address` is announced to the other instances. Empty: this process is not an instance and announces nothing.
  void start(std::string address);

  /// Sends what is queued, for at most `within`, then closes the connections. Blocks.
  void stop(std::chrono::milliseconds within);

  /// Any thread. Queues the message; see OutgoingLimits for what is dropped while it cannot be sent.
  void publish(std::string channel, std::string message);

  /// For a thread that may wait before it publishes much. Returns true when the queue has space, false at the deadline,
  /// and false at once while no server is reachable, when waiting would not help.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline) const;

  /// For the shutdown; any thread. After `time` no wait for space in the queue goes on or begins.
  void end_waits_within(std::chrono::milliseconds time);

  /// Exact mode; any thread. The caller needs these channels: counts one more use of each; unsubscribe() counts one
  /// less. `confirmed` is called on the bus thread once they are subscribed, at once while the link is down, and after
  /// 250 ms in any case.
  void subscribe(std::vector<std::string> channels, std::function<void()> confirmed);
  void unsubscribe(std::vector<std::string> channels);

  /// True when the subscription is confirmed and a probe through each master has come back since then. Any thread.
  bool connected() const;

  /// Any thread. Calls `told` on the bus thread with the ids of the other known instances and with connected(). Must
  /// not be called before start() or after stop().
  void ask_others(std::function<void(std::vector<std::string> instances, bool connected)> told);

  /// Why connected() is false; empty when it is true. Any thread.
  std::string problem() const;

  struct Stats {
    std::uint64_t published = 0;  // confirmed by Redis, without probes and announcements
    std::uint64_t refused = 0;    // permanently refused by Redis
    OutgoingQueue::Dropped dropped;
    std::uint64_t received = 0;  // messages, without probes and announcements
    std::uint64_t received_bytes = 0;
    std::uint64_t losses = 0;   // how often connected() became false
    std::size_t instances = 0;  // that announced themselves in the last 15 s, including this one
  };
  Stats stats() const;  // any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::bus
