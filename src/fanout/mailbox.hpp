#pragma once
// The pushes of other threads for one shard: a vector under a mutex, swapped out as a whole by the shard. The number of
// pushes and the bytes of their texts are bounded; a push that does not fit is dropped and counted. The shard is woken
// only when the mailbox was empty.

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "fanout/delivery.hpp"
#include "observe/counter.hpp"

namespace nx::fanout {

class Mailbox {
 public:
  static constexpr std::size_t kMaxPushes = 65'536;
  static constexpr std::size_t kMaxBytes = 64U << 20U;

  /// `wake` is called outside the lock on the thread that called put(); it must make the shard call take() soon.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Any thread. Returns false when the mailbox is full; the push is then dropped and counted.
  bool put(Delivery delivery);

  /// Called by the shard. Replaces the content of `out`.
  void take(std::vector<Delivery>& out);

  std::uint64_t dropped() const { return dropped_.value(); }  // any thread

 private:
  std::mutex mutex_;  // guards pushes_ and bytes_
  std::vector<Delivery> pushes_;
  std::size_t bytes_ = 0;
  observe::SharedCounter dropped_;
  const std::function<void()> wake_;
};

}  // namespace nx::fanout
