#pragma once
// Messages that wait to be published: added by any thread, taken by the bus thread. Bounded in messages, bytes, age,
// and messages of one user: a single user who changes rows while Redis is unavailable must not push out messages for
// others. Over a bound the oldest are dropped and counted by cause (docs/bus.md#is-it-alive).

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "model/keyed_hash.hpp"
#include "observe/counter.hpp"

namespace nx::bus {

struct Outgoing {
  std::string channel, message;
  std::chrono::steady_clock::time_point at;  // when publish() was called

  std::size_t bytes() const { return channel.size() + message.size(); }
};

struct OutgoingLimits {
  std::size_t messages = 10'000;
  // messages on the channel of one user, while the queue holds more than a quarter of `messages` or `bytes`
  std::size_t of_one_user = 100;
  std::size_t bytes = 8U << 20U;
  std::chrono::milliseconds age{30'000};
};

class OutgoingQueue {
 public:
  explicit OutgoingQueue(OutgoingLimits limits) : limits_(limits) {}

  /// Any thread. Returns true when the queue was empty: the caller must wake the bus thread.
  bool put(Outgoing outgoing);

  /// Any thread except the bus thread. Waits until half of the bounds is free; returns false at the deadline.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline) const;

  /// Any thread. No wait for space lasts longer than until `end`, including those that have begun.
  void end_waits(std::chrono::steady_clock::time_point end);

  /// Bus thread. Returns the oldest message that is not too old.
  std::optional<Outgoing> take();

  /// Bus thread. Puts messages back at the front in their order. If a bound is then exceeded, the oldest messages are
  /// dropped.
  void put_back(std::deque<Outgoing> returned);

  bool empty() const;  // any thread

  struct Dropped {
    std::uint64_t messages = 0, bytes = 0, age = 0;
  };
  Dropped dropped() const;  // any thread

 private:
  using Messages = std::list<Outgoing>;

  bool has_room() const { return waiting_.size() < limits_.messages / 2 && bytes_ < limits_.bytes / 2; }
  Outgoing remove(Messages::iterator one);
  void drop(Messages::iterator one, observe::Counter& cause);
  void shrink(const std::string& channel);

  const OutgoingLimits limits_;
  mutable std::mutex mutex_;  // guards all members below
  mutable std::condition_variable room_;
  Messages waiting_;                                              // in order
  KeyedMap<std::string, std::list<Messages::iterator>> of_user_;  // by user channel, in order
  std::size_t bytes_ = 0;
  std::chrono::steady_clock::time_point end_of_waits_ = std::chrono::steady_clock::time_point::max();
  observe::Counter too_many_, too_big_, too_old_;
};

}  // namespace nx::bus
