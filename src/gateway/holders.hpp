#pragma once
// The connections of one shard that hold memory for or from their peers: sums them into the ledger, and makes the
// fullest give when the whole is over its bound. Home thread only.

#include <array>
#include <cstdint>
#include <vector>

#include "gateway/queue_ledger.hpp"

namespace nx::gateway {

class Holders;

/// Base of a connection. What it holds was told last to its shard's Holders.
class Holder {
 public:
  virtual ~Holder() = default;

  const HeldBytes& held_bytes() const { return held_; }
  std::size_t held_total() const { return held_.total(); }

  /// The whole is over its bound and this one holds most: lets go of what it can, and tells the Holders. A second call
  /// ends it.
  virtual void make_room() = 0;
  /// Called every tick while it holds anything: one that takes nothing may be ended. True: it was.
  virtual bool watch_backlog() = 0;

 private:
  friend class Holders;
  HeldBytes held_;
  std::uint32_t place_ = 0;  // among its shard's holders: leaving does not search
};

class Holders {
 public:
  Holders(QueueLedger& ledger, std::uint32_t shard) : ledger_(ledger), shard_(shard) {}

  /// What the holder keeps has changed. True when it has grown and the whole is over its bound: make_room() is due,
  /// once no connection is on the stack.
  bool account(Holder& holder, const HeldBytes& now);

  enum class Outcome { enough, other_shard, more };
  /// The fullest here give until the whole is within its bound or another shard's fullest holds more; after some of
  /// them the rest is left to the next call, which comes on the next turn.
  Outcome make_room();

  /// True when some have been ended and the rest is left to the next call.
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
