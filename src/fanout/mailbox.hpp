#pragma once
// What other threads have for one shard: a vector under a mutex, swapped out whole by the shard. Bounded in pushes and
// in bytes of text that it keeps alive; a push that finds it full is dropped and counted. The shard is woken only when
// the box was empty.

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

  /// `wake` is called on the putting thread, outside the lock; it makes the shard call take() soon.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Any thread. False: full, dropped, counted.
  bool put(Delivery delivery);

  /// The shard. Replaces what `out` held.
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
