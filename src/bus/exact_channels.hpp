#pragma once
// Exact mode (docs/bus.md#exact-mode): the channels needed by this instance, each with the number of callers that need
// it, and what the server has been told so far. Bus thread only. Empty in the other mode.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "model/keyed_hash.hpp"

namespace nx::bus {

class ExactChannels {
 public:
  static constexpr std::size_t kSlice = 1'000;  // channels per command (docs/bus.md#exact-mode)

  using Time = std::chrono::steady_clock::time_point;

  /// The caller needs these channels: counts one more for each. `confirmed` is returned by settled() once all are
  /// subscribed, or by overdue() when that takes longer than `until`.
  void add(const std::vector<std::string>& channels, std::function<void()> confirmed, Time until = Time::max());
  /// The caller needs them no more: counts one less for each.
  void remove(const std::vector<std::string>& channels);

  struct Slice {
    bool subscribe = true;
    std::vector<std::string> channels;
  };
  /// The next command for the server; empty when there is none. The slice is in flight until settled().
  Slice next_slice();
  /// The slice in flight is confirmed. Returns the callbacks whose channels are now all subscribed.
  std::vector<std::function<void()>> settled();

  /// Returns the callbacks whose time is over.
  std::vector<std::function<void()>> overdue(Time now);

  /// The link is down, so nothing is subscribed any more. Returns all waiting callbacks.
  std::vector<std::function<void()>> lost();
  /// The link is up again.
  void restart();

  std::size_t size() const { return channels_.size(); }

 private:
  struct Channel {
    std::uint32_t subscribers = 0;  // callers within this instance that need it
    bool told = false;              // the server has it, or will have it when the slice in flight is settled
    bool queued = false;            // is in to_subscribe_
  };
  struct Waiting {
    std::uint64_t after;  // number of the subscription that must be settled
    Time until;
    std::function<void()> confirmed;
  };
  void queue(const std::string& name, Channel& channel);
  void take_subscriptions(Slice& slice);
  void take_unsubscriptions(Slice& slice);

  KeyedMap<std::string, Channel> channels_;
  // channels to subscribe if they are still needed; sent first, because sessions wait for them
  std::deque<std::string> to_subscribe_;
  std::deque<std::string> to_unsubscribe_;  // channels to unsubscribe if they are still not needed
  std::uint64_t queued_ = 0, sent_ = 0;     // how many subscriptions were ever queued, and ever taken into slices
  std::deque<Waiting> waiting_;             // ordered by `after`, and by time too, because all wait equally long
  bool up_ = false;
};

}  // namespace nx::bus
