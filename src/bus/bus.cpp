#include "bus/bus.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>
#include <utility>

#include "bus/exact_channels.hpp"
#include "bus/instances.hpp"
#include "bus/publisher.hpp"
#include "bus/subscriber.hpp"
#include "contract/bus_channels.hpp"
#include "model/time.hpp"

namespace nx::bus {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick = 25ms;
constexpr std::chrono::milliseconds kForget = 1s;  // for how long an instance that has ended may still be counted
constexpr std::chrono::milliseconds kConfirmWithin = 250ms - kTick;  // docs/bus.md#exact-mode; checked once per tick
constexpr std::chrono::milliseconds kRotateAtMost = 6s;  // three probes: enough for the next node to be judged

}  // namespace

struct Bus::State final : private Publisher::Listener, private Subscriber::Listener {
  State(BusOptions given, Receiver receive, const observe::Logger& logger);

  std::size_t start() const { return std::hash<std::string>{}(options.server_id); }
  std::vector<std::string> common_channels() const;
  void tick();
  void judge();
  void tell_restored();
  std::string lacking() const;

  void on_nodes(const std::vector<redis::Node>& nodes) override { subscriber.use(nodes); }
  void on_masters_changed() override { judge(); }
  void on_restored() override { instances.link_was_down(loop.now()); }
  void on_replica(const std::string& reason) override;
  void on_message(std::string_view channel, std::string_view message) override;
  void on_too_large(std::string_view channel, std::size_t bytes) override { receiver.too_large(channel, bytes); }
  void on_confirmed() override;
  void on_subscription_lost() override { judge(); }

  const BusOptions options;
  const Receiver receiver;
  const observe::Logger& log;
  const std::string probe_channel;
  runtime::EventLoop loop{"bus"};
  NameLookup names{loop};
  ConnectionOptions connections;
  OutgoingQueue outgoing;
  ExactChannels exact;
  Instances instances;
  Subscriber subscriber;
  Publisher publisher;
  std::optional<runtime::SteadyTime> restored_at;  // when the receiver is to be told
  std::optional<EpochMs> lost_since = now_wall();  // begin of the gap that it is not told of yet
  runtime::SteadyTime announce_at, announced_at, forget_at, rotate_after, away_since = Clock::now();
  std::atomic<bool> connected{false};
  observe::Counter received, received_bytes, losses;
  mutable std::mutex problem_mutex;  // guards problem
  std::string problem = "not connected yet";
  std::thread thread;
  bool started = false;
  // Set by stop(), on the bus thread.
  std::optional<runtime::SteadyTime> stop_at;
};

Bus::State::State(BusOptions given, Receiver receive, const observe::Logger& logger)
    : options(std::move(given)),
      receiver(std::move(receive)),
      log(logger),
      probe_channel(contract::probe_channel(options.server_id)),
      connections{.url = options.url,
                  .tls = options.tls,
                  .name = "signal-" + options.server_id,
                  .limits = {.max_bulk_bytes = options.max_message_bytes}},
      outgoing(options.outgoing),
      instances(options.server_id, now_wall().value, log),
      subscriber(loop, names, connections,
                 {.channels = common_channels(),
                  .patterns = options.exact ? std::vector<std::string>{}
                                            : std::vector<std::string>(contract::kPushPatterns.begin(),
                                                                       contract::kPushPatterns.end()),
                  .behind_at_most = options.behind_at_most},
                 start(), exact, *this, log),
      publisher(loop, names, connections,
                {.probe_channel = probe_channel, .start = start(), .answer_within = options.answer_within}, outgoing,
                *this, log) {
  loop.every(kTick, [this] { tick(); });
}

std::vector<std::string> Bus::State::common_channels() const {
  std::vector<std::string> channels{contract::kBroadcastChannel, contract::kUsersChannel, contract::kInstancesChannel,
                                    probe_channel};
  channels.insert(channels.end(), options.channels.begin(), options.channels.end());
  if (options.exact) channels.insert(channels.end(), options.exact_common.begin(), options.exact_common.end());
  return channels;
}

void Bus::State::tick() {
  const auto now = loop.now();
  if (stop_at && (publisher.idle() || now >= *stop_at)) return loop.stop();
  for (const auto& over : exact.overdue(now)) over();
  if (restored_at && now >= *restored_at && !stop_at) tell_restored();
  subscriber.tick(now);
  publisher.tick(now, subscriber.caught_up());
  const bool is_connected = connected.load(std::memory_order_relaxed);
  if (now >= forget_at) {
    forget_at = now + kForget;
    instances.forget(now, !is_connected);
  }
  if (now >= announce_at && is_connected && !stop_at) {
    announced_at = now;
    announce_at = now + Instances::kInterval;
    if (!instances.announcement().empty()) publisher.send_now(contract::kInstancesChannel, instances.announcement());
  }
  if (publisher.has_silent_master() && subscriber.confirmed() && now >= rotate_after) {
    rotate_after = now + kRotateAtMost;
    subscriber.rotate(subscriber.node().text() + ": probes through a master do not come back");
    // One name may stand for two servers: both connections look it up again.
    if (!options.url.cluster) publisher.drop_silent();
  }
}

void Bus::State::on_confirmed() {
  rotate_after = loop.now() + kRotateAtMost;
  publisher.restart_probes();
  judge();
}

void Bus::State::on_message(std::string_view channel, std::string_view message) {
  if (channel == probe_channel) return publisher.receive_probe(message);
  if (channel == contract::kInstancesChannel) {
    // A new instance does not wait for our regular announcement: its operators may ask at once which other instances
    // exist.
    if (instances.receive(message, loop.now()))
      announce_at = std::min(announce_at, announced_at + Instances::kLeastInterval);
    if (publisher.holding() && instances.all_back()) publisher.release();
    return;
  }
  received.add();
  received_bytes.add(message.size());
  receiver.message(channel, message);
}

/// The name may now resolve to another server, and the subscription may be at the replica too: the subscriber looks the
/// name up again. In a cluster any node can hold the subscription.
void Bus::State::on_replica(const std::string& reason) {
  const auto now = loop.now();
  if (options.url.cluster || !subscriber.confirmed() || now < rotate_after) return;
  rotate_after = now + kRotateAtMost;
  subscriber.rotate(reason);
}

std::string Bus::State::lacking() const {
  return subscriber.confirmed() ? publisher.lacking() : subscriber.problem();
}

void Bus::State::judge() {
  const bool was = connected.load(std::memory_order_relaxed);
  const std::string reason = lacking();
  {
    const std::lock_guard lock(problem_mutex);
    problem = reason;
  }
  if (reason.empty() == was) return;
  connected.store(reason.empty(), std::memory_order_relaxed);
  const auto now = Clock::now();
  if (was) {
    away_since = now;
    losses.add();
    restored_at.reset();
    if (!lost_since) lost_since = EpochMs{now_wall().value - options.behind_at_most.count()};
    log.warn("bus away", {{"reason", reason}});
    return;
  }
  announce_at = now;
  // The first connection ends a gap only if it was late: the clients that are there so early have just caught up.
  if (losses.value() > 0 || now - away_since > kSettle) {
    restored_at = now + kSettle;
  } else {
    lost_since.reset();
  }
  log.info("bus connected",
           {{"node", subscriber.node().text()},
            {"masters", publisher.masters()},
            {"away_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - away_since).count()}});
}

void Bus::State::tell_restored() {
  restored_at.reset();
  if (receiver.restored) receiver.restored(*lost_since);
  lost_since.reset();
}

Bus::Bus(BusOptions options, Receiver receiver, const observe::Logger& log)
    : state_(std::make_unique<State>(std::move(options), std::move(receiver), log)) {}

Bus::~Bus() {
  stop(0ms);
}

void Bus::start(std::string address) {
  if (!address.empty()) state_->instances.announce_as(std::move(address));
  state_->started = true;
  state_->thread = std::thread([state = state_.get()] {
    pthread_setname_np(pthread_self(), "bus");
    state->loop.run();
  });
}

void Bus::stop(std::chrono::milliseconds within) {
  if (!std::exchange(state_->started, false)) return;
  state_->loop.post([state = state_.get(), within] {
    state->stop_at = Clock::now() + within;
    const std::string farewell = state->instances.farewell();
    if (!farewell.empty()) state->publisher.send_now(contract::kInstancesChannel, farewell);
  });
  state_->thread.join();
  state_->connected.store(false, std::memory_order_relaxed);
}

void Bus::publish(std::string channel, std::string message) {
  State* const state = state_.get();
  if (!state->outgoing.put({std::move(channel), std::move(message), Clock::now()})) return;
  state->loop.post([state] { state->publisher.flush(); });
}

bool Bus::wait_for_room(std::chrono::steady_clock::time_point deadline) const {
  return connected() && state_->outgoing.wait_for_room(deadline);
}

void Bus::end_waits_within(std::chrono::milliseconds time) {
  state_->outgoing.end_waits(Clock::now() + time);
}

void Bus::subscribe(std::vector<std::string> channels, std::function<void()> confirmed) {
  state_->loop.post([state = state_.get(), channels = std::move(channels), confirmed = std::move(confirmed)]() mutable {
    state->exact.add(channels, std::move(confirmed), Clock::now() + kConfirmWithin);
    state->subscriber.update();
  });
}

void Bus::unsubscribe(std::vector<std::string> channels) {
  state_->loop.post([state = state_.get(), channels = std::move(channels)] {
    state->exact.remove(channels);
    state->subscriber.update();
  });
}

void Bus::ask_others(std::function<void(std::vector<std::string>, bool)> told) {
  state_->loop.post([state = state_.get(), told = std::move(told)] {
    told(state->instances.others(), state->connected.load(std::memory_order_relaxed));
  });
}

bool Bus::connected() const {
  return state_->connected.load(std::memory_order_relaxed);
}

std::string Bus::problem() const {
  const std::lock_guard lock(state_->problem_mutex);
  return state_->problem;
}

Bus::Stats Bus::stats() const {
  return {.published = state_->publisher.published(),
          .refused = state_->publisher.refused(),
          .dropped = state_->outgoing.dropped(),
          .received = state_->received.value(),
          .received_bytes = state_->received_bytes.value(),
          .losses = state_->losses.value(),
          .instances = state_->instances.count()};
}

}  // namespace nx::bus
