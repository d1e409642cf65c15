#pragma once
// Joins the group again while it leaves us without partitions, after the topic was gone or made again. librdkafka 2.0
// can miss that a topic is back: if its metadata arrives while the leader assigns the partitions of the old topic,
// every member gets none, and no later change makes it join again. The group then never consumes again. To join again
// costs the group one rebalance; a member that rightly has no partition does it five times. Used by the consumer's
// thread.

#include <chrono>

#include "runtime/backoff.hpp"

namespace nx::ingest {

class Rejoin {
 public:
  /// The topic was gone or was made again: the group has to assign its partitions anew.
  void expect_partitions();
  /// We have partitions.
  void stop() { tries_left_ = 0; }

  bool due() const;
  /// We join again now: the next time is after the back-off. Returns how many times are left.
  int begin();

 private:
  static constexpr std::chrono::seconds kAfter{10}, kAtMost{60};

  int tries_left_ = 0;
  runtime::Backoff backoff_{kAfter, kAtMost};
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace nx::ingest
