#pragma once
// One event loop, its thread, and every connection that was given to it; a connection stays on its shard. Composes the
// parts of the shard and runs its turns: ready sockets are read first, then queued work is done piece by piece until
// the budget of the turn is spent, so that no peer and no burst of pushes delays others by more than a turn. Shards
// share only the context. Public methods are for any thread unless they say otherwise.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "fanout/delivery.hpp"
#include "gateway/admission.hpp"
#include "gateway/client_queries.hpp"
#include "gateway/delivery_queue.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/gradual_close.hpp"
#include "gateway/late_hints.hpp"
#include "gateway/room_recheck.hpp"
#include "gateway/shard_parts.hpp"

namespace nx::gateway {

class Shard : public std::enable_shared_from_this<Shard>, public Admission::Home {
 public:
  Shard(GatewayContext& context, std::uint32_t index);
  ~Shard() override;
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void start();            // from the creating thread, once all shards are made
  void close_gradually();  // sends closes 1001, spread over the shutdown grace
  void stop();             // ends all remaining connections; join() returns soon after
  void join();             // from the creating thread

  /// Adopts a new connection, which expect_one() has counted.
  void adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place);
  void expect_one() { parts_.counters.connections.fetch_add(1, std::memory_order_relaxed); }
  /// Closes the connection to make room for another.
  void yield_later(fanout::SlotKey key, bool upgraded, Yield why) override;
  /// Closes a client to make room for another.
  void close_later(fanout::SlotKey key, session::Closing closing);
  /// See Gateway::push_late_hints().
  void push_late_hints(EpochMs since);
  /// Makes the fullest connections of this shard release memory.
  void release_memory_later();

  const ShardCounters& counters() const { return parts_.counters; }
  ClientQueries& queries() { return queries_; }
  runtime::EventLoop& loop() { return parts_.loop; }
  runtime::TimerWheel& wheel() { return parts_.wheel; }  // home thread only

 private:
  void tick();
  void end_turn();
  void end_connections();
  void end_when_answered();

  // The work of a turn: each function does one short piece and returns false when it had nothing to do.
  void work();
  bool deliver_piece();
  bool verify_piece();
  bool catch_up_piece();
  bool resume_session_piece();
  bool resume_handshake_piece();
  bool resume_request_piece();
  bool timer_piece();
  bool close_piece();
  bool recheck_piece();
  bool query_piece();
  bool late_hints_piece();

  ShardParts parts_;
  DeliveryQueue deliveries_;
  std::vector<fanout::Delivery> incoming_;
  bool has_mail_ = false;
  RoomRecheck recheck_;
  ClientQueries queries_;
  LateHints late_hints_;
  std::optional<GradualClose> gradual_close_;
  std::size_t next_source_ = 0;  // index in the sources of work(): the next turn continues where this one stopped
  bool timers_due_ = false;
  bool stopping_ = false;
  runtime::SteadyTime stop_at_;
  runtime::SteadyTime last_tick_;
  std::thread thread_;
};

}  // namespace nx::gateway
