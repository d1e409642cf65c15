#pragma once
// Makes the sessions of one shard known to presence, the counters and the bus. A connection holds a guard for each of
// the two, and the guard withdraws what was made known. Home thread only, or the thread that has joined it.

#include <cstdint>
#include <utility>

#include "gateway/gateway_context.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/shard_counters.hpp"
#include "gateway/slots.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class WsConnection;

class SessionRegistry {
 private:
  void remove(const WsConnection& connection);
  void unsubscribe(const WsConnection& connection);
  static SessionRegistry& of(const WsConnection& connection);

  /// Calls `withdraw` for the connection that holds it, at the latest in the destructor. It may be empty. It is one
  /// pointer, because every idle client has two of them.
  template <void (SessionRegistry::*withdraw)(const WsConnection&)>
  class Guard {
   public:
    Guard() = default;
    explicit Guard(const WsConnection& holder) : holder_(&holder) {}
    Guard(Guard&& other) noexcept : holder_(std::exchange(other.holder_, nullptr)) {}
    Guard& operator=(Guard&& other) noexcept {
      Guard taken(std::move(other));
      std::swap(holder_, taken.holder_);
      return *this;
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { release(); }

    void release() {
      if (const WsConnection* const holder = std::exchange(holder_, nullptr)) (of(*holder).*withdraw)(*holder);
    }
    explicit operator bool() const { return holder_ != nullptr; }

   private:
    const WsConnection* holder_ = nullptr;
  };

 public:
  /// While it is held, the session is in presence and counted as open. Its end also removes it from its rooms.
  using Registration = Guard<&SessionRegistry::remove>;
  /// While it is held, the bus is subscribed to the user and the client id of the session.
  using Subscription = Guard<&SessionRegistry::unsubscribe>;

  /// The references are borrowed.
  SessionRegistry(GatewayContext& context, const Slots<WsConnection>& sessions, runtime::EventLoop& loop,
                  RoomRegistry& rooms, ShardCounters& counters, std::uint32_t shard)
      : context_(context), sessions_(sessions), loop_(loop), rooms_(rooms), counters_(counters), shard_(shard) {}

  /// Registers an open session. When its user then has too many, the oldest of them is closed.
  [[nodiscard]] Registration add(const WsConnection& connection);
  /// Session::on_subscribed() is called later. The guard is empty when no subscription is needed.
  [[nodiscard]] Subscription subscribe(const WsConnection& connection, const UserId& user);

 private:
  GatewayContext& context_;
  const Slots<WsConnection>& sessions_;
  runtime::EventLoop& loop_;
  RoomRegistry& rooms_;
  ShardCounters& counters_;
  const std::uint32_t shard_;
};

}  // namespace nx::gateway
