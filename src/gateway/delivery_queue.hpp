#pragma once
// The shard's end of fan-out: passes deliveries to the sessions in order, in pieces of a few hundred pushes or
// kilobytes. Consecutive deliveries to the same recipients form a run, which is passed to one chunk of connections at a
// time, so that messages waiting for one client leave in one write while its buffer is still in the cache. A push is
// sealed only in its own piece. The order per client is the order of put(). Home thread only.

#include <cstdint>
#include <string>
#include <vector>

#include "fanout/delivery.hpp"
#include "gateway/push_log.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/slots.hpp"
#include "observe/histogram.hpp"
#include "trace/span_writer.hpp"

namespace nx::gateway {

class WsConnection;

class DeliveryQueue {
 public:
  static constexpr std::size_t kMaxChunk = 256;  // pushes of one piece
  // sealed bytes of one piece; fits into the second-level cache
  static constexpr std::size_t kChunkBytes = 256U * 1024U;

  /// `record_to_frame` records for every hint the time from its Kafka record to the sealed frame; `push_log` records
  /// the outcome. `spans`: null when tracing is off.
  DeliveryQueue(const Slots<WsConnection>& sessions, const RoomRegistry& room_registry,
                observe::Histogram& record_to_frame, PushLog& push_log, trace::SpanWriter* spans)
      : sessions_(sessions),
        room_registry_(room_registry),
        record_to_frame_(record_to_frame),
        push_log_(push_log),
        spans_(spans) {}

  /// Only allowed when empty(): so the mailbox that the deliveries come from remains the only bound of the queue.
  void put(std::vector<fanout::Delivery>& deliveries);
  bool empty() const { return front_ == queue_.size(); }

  /// Processes the next piece: at most one chunk of connections, of one run or one delivery. Returns the bytes that it
  /// sealed. The caller must flush once chunk() clients or kChunkBytes bytes are queued.
  std::size_t step();

  /// How many clients may have queued frames before a flush, so that their buffers are still in the cache.
  std::size_t chunk() const { return run_ > 0 ? chunk_ : kMaxChunk; }

 private:
  void begin_run();
  std::size_t step_run();
  std::size_t step_named();
  std::size_t push_hint(const fanout::Delivery& delivery, const fanout::ConnectionHint& hint, EpochMs now);
  std::size_t push(WsConnection* connection, const fanout::Delivery& delivery, std::string_view tail, std::int64_t seq);
  void note_frames(const fanout::Delivery& delivery);
  void finish(std::size_t deliveries);

  const Slots<WsConnection>& sessions_;
  const RoomRegistry& room_registry_;
  observe::Histogram& record_to_frame_;
  PushLog& push_log_;
  trace::SpanWriter* const spans_;
  std::vector<fanout::Delivery> queue_;
  std::size_t front_ = 0;     // the first delivery that is not done
  std::size_t position_ = 0;  // within the recipients of the run or of the front delivery
  std::size_t run_ = 0;       // number of deliveries from front_ on that form the run; 0: no run
  std::size_t chunk_ = kMaxChunk;
  std::vector<fanout::SlotKey> recipients_;  // of the run, as of its beginning
  std::string tail_;
  std::size_t frames_ = 0;  // hints of the front delivery that were pushed
};

}  // namespace nx::gateway
