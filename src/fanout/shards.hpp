#pragma once
// The shards as seen by fan-out: the presence of users and rooms, and one mailbox per shard. Filled before the first
// push; afterwards read by any thread.

#include <memory>
#include <utility>
#include <vector>

#include "fanout/mailbox.hpp"
#include "fanout/presence.hpp"

namespace nx::fanout {

class Shards {
 public:
  /// Adds the mailbox of the next shard. Only before the first push, at most kMaxShards times.
  Mailbox& add(std::function<void()> wake) {
    mailboxes_.push_back(std::make_unique<Mailbox>(std::move(wake)));
    return *mailboxes_.back();
  }

  std::uint32_t count() const { return static_cast<std::uint32_t>(mailboxes_.size()); }
  Mailbox& mailbox(std::uint32_t shard) { return *mailboxes_[shard]; }
  const Mailbox& mailbox(std::uint32_t shard) const { return *mailboxes_[shard]; }
  Presence& presence() { return presence_; }

 private:
  Presence presence_;
  std::vector<std::unique_ptr<Mailbox>> mailboxes_;
};

}  // namespace nx::fanout
