#pragma once
// What waits to be published: put by any thread, taken by the bus thread. Bounded in messages, bytes and age, and in
// the messages of one user, so that a single user who changes rows while Redis is away does not push out what others
// are to receive. Over a bound the oldest are dropped and counted by cause (docs/bus.md#is-it-alive).

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
  std::chrono::steady_clock::time_point at;  // when it was given to us

  std::size_t bytes() const { return channel.size() + message.size(); }
};

struct OutgoingLimits {
  std::size_t messages = 10'000;
  std::size_t of_one_user = 100;  // messages on the channel of one user, once a quarter of the bounds is used
  std::size_t bytes = 8U << 20U;
  std::chrono::milliseconds age{30'000};
};

class OutgoingQueue {
 public:
  explicit OutgoingQueue(OutgoingLimits limits) : limits_(limits) {}

  /// Any thread. True when the queue was empty: the bus thread is to be woken.
  bool put(Outgoing outgoing);

  /// Any thread but the bus thread: until half of the bounds is free; false when the time is over before.
  bool wait_for_room(std::chrono::steady_clock::time_point deadline) const;

  /// The bus thread: the oldest that is young enough.
  std::optional<Outgoing> take();

  /// The bus thread: these come first again, in their order. What is over a bound now goes, the oldest first.
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
  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable room_;
  Messages waiting_;                                              // in order
  KeyedMap<std::string, std::list<Messages::iterator>> of_user_;  // by channel of a user, in order
  std::size_t bytes_ = 0;
  observe::Counter too_many_, too_big_, too_old_;
};

}  // namespace nx::bus
