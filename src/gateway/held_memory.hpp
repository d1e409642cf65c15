#pragma once
// The memory that the connections of one shard hold, and its release when all shards together hold more than
// SIGNAL_WS_QUEUED_BYTES_TOTAL. Memory is released in a task of the loop, when no connection is on the call stack. Home
// thread only.

#include <cstdint>

#include "gateway/gateway_context.hpp"
#include "gateway/holders.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class HeldMemory {
 public:
  /// The references are borrowed.
  HeldMemory(GatewayContext& context, runtime::EventLoop& loop, std::uint32_t shard)
      : context_(context), loop_(loop), holders_(context.ledger, shard) {}

  /// Stores what the holder holds now.
  void account(Holder& holder, const HeldBytes& now) {
    if (holders_.account(holder, now)) release_later();
  }

  /// Returns true while nothing more may be sealed, because memory must be released first.
  bool is_short();

  /// Releases memory of the fullest connections. Continues in the next turn if one turn is not enough, and on another
  /// shard if that one has the fullest connection.
  void release();

  /// Called every tick: closes connections whose peers read nothing.
  void watch_backlogs();

 private:
  void release_later();

  GatewayContext& context_;
  runtime::EventLoop& loop_;
  Holders holders_;
  bool releasing_ = false;  // release() is posted
};

}  // namespace nx::gateway
