#pragma once
// Exact mode (docs/bus.md#exact-mode): the channels of who is here, each with how many need it, and how far the server
// has been told. Bus thread only. Without exact mode it stays empty.

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
  static constexpr std::size_t kSlice = 1'000;  // channels of one command (docs/bus.md#exact-mode)

  using Time = std::chrono::steady_clock::time_point;

  /// One more needs each of these. `confirmed` comes back from settled() once all are subscribed, or from overdue()
  /// when that takes longer.
  void add(const std::vector<std::string>& channels, std::function<void()> confirmed, Time until = Time::max());
  void remove(const std::vector<std::string>& channels);

  struct Slice {
    bool subscribe = true;
    std::vector<std::string> channels;
  };
  /// What the server is to be told next; empty when it knows all. The slice is on its way until settled().
  Slice next_slice();
  /// The slice is confirmed. Returns whose wait is over.
  std::vector<std::function<void()>> settled();

  /// Whose time is over.
  std::vector<std::function<void()>> overdue(Time now);

  /// The link is down: nothing is subscribed any more. Returns everybody who waits.
  std::vector<std::function<void()>> lost();
  /// The link is up.
  void restart();

  std::size_t size() const { return channels_.size(); }

 private:
  struct Channel {
    std::uint32_t subscribers = 0;  // here
    bool told = false;              // the server has it, or will when the slice on its way is settled
    bool queued = false;            // in to_subscribe_
  };
  struct Waiting {
    std::uint64_t after;  // the number of the change that must be settled
    Time until;
    std::function<void()> confirmed;
  };
  void queue(const std::string& name, Channel& channel);
  void take_subscriptions(Slice& slice);
  void take_unsubscriptions(Slice& slice);

  KeyedMap<std::string, Channel> channels_;
  std::deque<std::string> to_subscribe_;    // who may have come and is not told: first, somebody waits for them
  std::deque<std::string> to_unsubscribe_;  // who may have gone
  std::uint64_t queued_ = 0, sent_ = 0;     // subscriptions ever queued; ever taken into slices
  std::deque<Waiting> waiting_;             // by `after`, and by time, as all wait equally long
  bool up_ = false;
};

}  // namespace nx::bus
