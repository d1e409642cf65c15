#pragma once
// The shard's end of fan-out: walks deliveries over the sessions in order. Deliveries in a row for the same audience
// are walked together, a chunk of seats at a time, so that messages waiting for one client leave in one write while its
// buffer is warm. Long work is given back to the loop in pieces. Order per client is the order of put(). Home thread
// only.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "fanout/delivery.hpp"
#include "gateway/roster.hpp"
#include "gateway/slots.hpp"
#include "observe/histogram.hpp"

namespace nx::gateway {

class WsConnection;

class DeliveryQueue {
 public:
  /// `record_to_frame` is told of every hint, from its Kafka record to the sealed frame.
  DeliveryQueue(const Slots<WsConnection>& sessions, const Roster& roster, observe::Histogram& record_to_frame)
      : sessions_(sessions), roster_(roster), record_to_frame_(record_to_frame) {}

  void put(std::vector<fanout::Delivery>& deliveries);
  bool empty() const { return queue_.empty(); }

  /// The next piece: at most one chunk of seats or one delivery to named seats. The caller flushes at chunk().
  /// Returns how many pushes it made.
  std::size_t step();

  /// How many clients may have something queued before a flush, so that their buffers are still warm.
  std::size_t chunk() const { return run_ > 0 ? chunk_ : kMaxChunk; }

 private:
  void begin_run();
  std::size_t step_run();
  std::size_t deliver(const fanout::Delivery& delivery);

  const Slots<WsConnection>& sessions_;
  const Roster& roster_;
  observe::Histogram& record_to_frame_;
  std::deque<fanout::Delivery> queue_;
  std::size_t run_ = 0;  // how many of the front are walked together; 0: none begun
  static constexpr std::size_t kMaxChunk = 256;
  std::size_t chunk_ = kMaxChunk;
  std::size_t position_ = 0;
  std::vector<fanout::SeatKey> audience_;  // of the run, as it was when it began
  std::string tail_;
};

}  // namespace nx::gateway
