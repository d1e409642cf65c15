#pragma once
// The shard's end of fan-out: walks deliveries over the sessions in order, in pieces of a few hundred pushes or
// kilobytes. Deliveries in a row for the same recipients are walked together, a chunk of connections at a time, so that
// messages waiting for one client leave in one write while its buffer is warm. Nothing is sealed before its piece.
// Order per client is the order of put(). Home thread only.

#include <cstdint>
#include <string>
#include <vector>

#include "fanout/delivery.hpp"
#include "gateway/push_log.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/slots.hpp"
#include "observe/histogram.hpp"

namespace nx::gateway {

class WsConnection;

class DeliveryQueue {
 public:
  static constexpr std::size_t kMaxChunk = 256;             // pushes of one piece
  static constexpr std::size_t kChunkBytes = 256U * 1024U;  // of sealed frames: stays in the second-level cache

  /// `record_to_frame` is told of every hint, from its Kafka record to the sealed frame; `push_log` what became of it.
  DeliveryQueue(const Slots<WsConnection>& sessions, const RoomRegistry& room_registry,
                observe::Histogram& record_to_frame, PushLog& push_log)
      : sessions_(sessions), room_registry_(room_registry), record_to_frame_(record_to_frame), push_log_(push_log) {}

  /// Only when empty(): so the mailbox that they come from stays the one bound of what is queued here.
  void put(std::vector<fanout::Delivery>& deliveries);
  bool empty() const { return front_ == queue_.size(); }

  /// The next piece: at most one chunk of connections, of one run or one delivery. The caller flushes at chunk()
  /// clients and at kChunkBytes. Returns how many bytes it sealed.
  std::size_t step();

  /// How many clients may have something queued before a flush, so that their buffers are still warm.
  std::size_t chunk() const { return run_ > 0 ? chunk_ : kMaxChunk; }

 private:
  void begin_run();
  std::size_t step_run();
  std::size_t step_named();
  std::size_t push_hint(const fanout::Delivery& delivery, const fanout::ConnectionHint& hint, EpochMs now);
  std::size_t push(WsConnection* connection, const fanout::Delivery& delivery, std::string_view tail, std::int64_t seq);
  void finish(std::size_t deliveries);

  const Slots<WsConnection>& sessions_;
  const RoomRegistry& room_registry_;
  observe::Histogram& record_to_frame_;
  PushLog& push_log_;
  std::vector<fanout::Delivery> queue_;
  std::size_t front_ = 0;     // the first that is not done
  std::size_t position_ = 0;  // in the recipients of the run or of the front
  std::size_t run_ = 0;       // how many of the front are walked together; 0: none begun
  std::size_t chunk_ = kMaxChunk;
  std::vector<fanout::SlotKey> recipients_;  // of the run, as it was when it began
  std::string tail_;
};

}  // namespace nx::gateway
