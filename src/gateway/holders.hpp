#pragma once
// The connections of one shard that hold memory for or from their peers. Adds their sums to the ledger, and makes the
// fullest connections release memory when the total of all shards is over its bound. Home thread only.

#include <array>
#include <cstdint>
#include <vector>

#include "gateway/queue_ledger.hpp"

namespace nx::gateway {

class Holders;

/// Base class of connections. Stores what the connection last reported to the Holders of its shard.
class Holder {
 public:
  virtual ~Holder() = default;

  const HeldBytes& held_bytes() const { return held_; }
  std::size_t held_total() const { return held_.total(); }

  /// Called when the total is over its bound and this connection holds most: must release what it can and report that
  /// to the Holders. A second call must close the connection.
  virtual void make_room() = 0;
  /// Called every tick while it holds anything. May close a connection whose peer reads nothing; returns true when it
  /// did.
  virtual bool watch_backlog() = 0;

 private:
  friend class Holders;
  HeldBytes held_;
  std::uint32_t place_ = 0;  // index in Holders::holders_, so that removal needs no search
};

class Holders {
 public:
  Holders(QueueLedger& ledger, std::uint32_t shard) : ledger_(ledger), shard_(shard) {}

  /// Stores what the holder holds now. Returns true when it has grown and the total is over its bound: the caller must
  /// call make_room() as soon as no connection is on the call stack.
  bool account(Holder& holder, const HeldBytes& now);

  enum class Outcome { enough, other_shard, more };
  /// Makes the fullest connections of this shard release memory until the total is within its bound or another shard
  /// has the fullest one. Processes a limited number; Outcome::more asks for another call in the next turn.
  Outcome make_room();

  /// Returns true when it has closed as many as it may in one turn and must be called again.
  bool watch_backlogs();
  bool empty() const { return holders_.empty(); }

 private:
  bool shed_fullest();
  std::size_t fullest() const;

  QueueLedger& ledger_;
  const std::uint32_t shard_;
  std::vector<Holder*> holders_;
  std::array<std::size_t, kHeldKinds> sums_{};
};

}  // namespace nx::gateway
