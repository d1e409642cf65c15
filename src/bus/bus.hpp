#pragma once
// Redis pub/sub between services and instances (docs/bus.md): one thread, one subscriber, publishes from any thread.
// Only wait_for_room() blocks a caller; it never fails for Redis being away: it reconnects for ever and says whether it
// is connected.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bus/outgoing_queue.hpp"
#include "model/result.hpp"
#include "observe/log.hpp"
#include "redis/redis_url.hpp"
#include "transport/tls_context.hpp"

namespace nx::bus {

struct BusOptions {
  redis::RedisUrl url;
  std::shared_ptr<const transport::TlsClientContext> tls;  // null without TLS
  std::string server_id;                                   // this process
  bool exact = false;                                      // SIGNAL_BUS_SUBSCRIPTION
  std::vector<std::string> exact_common;                   // channels that every instance subscribes to then
  std::vector<std::string> channels;                       // more that this one subscribes to in either mode
  std::size_t max_message_bytes = 1U << 20U;               // longer ones are skipped
  OutgoingLimits outgoing;
  std::chrono::milliseconds answer_within{10'000};   // Redis answers something by then, or the connection is made anew
  std::chrono::milliseconds behind_at_most{30'000};  // the subscription; further, a new one is better
};

class Bus {
 public:
  /// What comes; called on the bus thread with views that end with the call.
  struct Receiver {
    std::function<void(std::string_view channel, std::string_view message)> message;
    std::function<void(std::string_view channel, std::size_t bytes)> too_large;
  };

  Bus(BusOptions options, Receiver receiver, const observe::Logger& log);
  ~Bus();  // stop()
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// `address`: announced to the other instances; empty: we are none, and say nothing.
  void start(std::string address);

  /// What waits is still sent, at most for `within`; then the connections end. Blocks.
  void stop(std::chrono::milliseconds within);

  /// Any thread. Queued; see OutgoingLimits for what happens when nobody takes it.
  void publish(std::string channel, std::string message);

  /// For a thread that may wait, before it publishes much: true when there is room, false when the time is over, and at
  /// once while nobody can be reached, when waiting would not help.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline) const;

  /// Exact mode; any thread. One more here, or one less, is interested in these channels. `confirmed` is called on the
  /// bus thread once they are subscribed, at once while the link is down, and after 250 ms in any case.
  void subscribe(std::vector<std::string> channels, std::function<void()> confirmed);
  void unsubscribe(std::vector<std::string> channels);

  /// The subscription is confirmed, and since then a probe through each master has come back. Any thread.
  bool connected() const;

  /// Any thread: `told` is called on the bus thread with the ids of the other instances that are known, and whether
  /// connected(). Never before start() and after stop().
  void ask_others(std::function<void(std::vector<std::string> instances, bool connected)> told);

  /// What keeps it from being connected; empty when nothing does. Any thread.
  std::string problem() const;

  struct Stats {
    std::uint64_t published = 0;  // confirmed by Redis, probes and announcements not counted
    std::uint64_t refused = 0;    // by Redis, for good
    OutgoingQueue::Dropped dropped;
    std::uint64_t received = 0;  // messages, probes and announcements not counted
    std::uint64_t received_bytes = 0;
    std::uint64_t losses = 0;   // times that connected() became false
    std::size_t instances = 0;  // that announced themselves in the last 15 s, this one included
  };
  Stats stats() const;  // any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::bus
