#pragma once
// The bytes that all shards together hold for and from their peers, by kind, and the size of the fullest connection of
// each shard. It shows which shard must release memory when the total is over its bound (SIGNAL_WS_QUEUED_BYTES_TOTAL).
// Each shard writes its own cells; any thread reads.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "fanout/connection_location.hpp"
#include "gateway/held_bytes.hpp"

namespace nx::gateway {

class QueueLedger {
 public:
  explicit QueueLedger(std::size_t limit) : limit_(limit) {}

  void set_held(std::uint32_t shard, HeldKind kind, std::size_t bytes) {
    held_[shard][static_cast<std::size_t>(kind)].store(bytes, std::memory_order_relaxed);
  }
  void set_fullest(std::uint32_t shard, std::size_t bytes) { fullest_[shard].store(bytes, std::memory_order_relaxed); }
  /// A connection of the shard now holds `bytes`. The next set_fullest() of the shard corrects a value that is too
  /// high. A value that is too low would make another shard close a connection that holds less.
  void raise_fullest(std::uint32_t shard, std::size_t bytes) {
    if (fullest_[shard].load(std::memory_order_relaxed) < bytes) set_fullest(shard, bytes);
  }

  std::size_t total(HeldKind kind) const {
    std::size_t sum = 0;
    for (const Cells& cells : held_) sum += cells[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
    return sum;
  }
  std::size_t total() const {
    std::size_t sum = 0;
    for (const Cells& cells : held_) {
      for (const std::atomic<std::size_t>& cell : cells) sum += cell.load(std::memory_order_relaxed);
    }
    return sum;
  }
  std::size_t limit() const { return limit_; }  // 0: no limit
  bool is_over() const { return limit_ != 0 && total() > limit_; }
  /// Work that can wait should then wait: the other half is for pushes.
  bool is_half_full() const { return limit_ != 0 && total() > limit_ / 2; }

  /// Bytes of the fullest connection of all other shards.
  std::size_t fullest_but(std::uint32_t shard) const {
    std::size_t most = 0;
    for (std::uint32_t other = 0; other < fanout::kMaxShards; ++other) {
      if (other != shard) most = std::max(most, fullest_[other].load(std::memory_order_relaxed));
    }
    return most;
  }

  std::uint32_t shard_with_fullest() const {
    std::uint32_t best = 0;
    for (std::uint32_t shard = 1; shard < fanout::kMaxShards; ++shard) {
      if (fullest_[shard].load(std::memory_order_relaxed) > fullest_[best].load(std::memory_order_relaxed))
        best = shard;
    }
    return best;
  }

 private:
  using Cells = std::array<std::atomic<std::size_t>, kHeldKinds>;
  const std::size_t limit_;
  std::array<Cells, fanout::kMaxShards> held_{};
  std::array<std::atomic<std::size_t>, fanout::kMaxShards> fullest_{};
};

}  // namespace nx::gateway
