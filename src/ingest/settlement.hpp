#pragma once
// Handles the result of a batch that a worker has returned. Each of its records is stored, is a dead letter, is set
// aside or is held back. Used by the poller's thread; it owns the thread that sends dead letters.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ingest/consumer_counters.hpp"
#include "ingest/dead_letters.hpp"
#include "ingest/lanes.hpp"
#include "ingest/workers.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class Settlement {
 public:
  /// All records of the partition before `next` are done.
  using StoreOffset = std::function<void(std::int32_t partition, std::int64_t next)>;

  /// The sources and destinations of batches; all are borrowed.
  struct Around {
    const std::string& topic;
    Lanes& lanes;
    DoneLoads& done;                    // the batches whose letters were sent
    const std::atomic<bool>& stopping;  // no further letter is sent
    ConsumerCounters& counters;
    trace::SpanWriter* spans;  // null: tracing is off
    const observe::Logger& log;
  };

  /// Without `letters` there is no DLQ topic.
  Settlement(const Around& around, std::optional<DeadLetters> letters, StoreOffset store_offset);

  /// A worker has returned the batch, or the batch has nothing to store. A batch with dead letters goes on to their
  /// thread.
  void settle(std::unique_ptr<Batch> batch);

  /// Stores the offset after the lane's contiguous prefix of done records, if it moved. No other code stores an offset.
  void store_done(Lane& lane);

  /// The exception that ended a worker's call; empty: none.
  const std::string& fault() const { return fault_; }

  bool has_dlq() const { return dead_letters_.has_value(); }
  /// Does not wait for letters that are being sent.
  void stop_letters_soon();
  void finish_letters() { letter_worker_.finish(); }

 private:
  using Clock = std::chrono::steady_clock;

  void send_letters(Batch& batch);  // on the thread that sends dead letters
  void settle_stored(Lane& lane, Batch& batch);
  void set_aside(Lane& lane, Batch& batch, std::size_t index, const delivery::Waiting& waiting);
  void settle_letters(Batch& batch);
  void conclude(Lane& lane, std::unique_ptr<Batch> batch);
  void tell_why_held(const Lane& lane, const Batch& batch);
  void note_success();
  void note_stored(const Batch& batch, std::size_t handled);
  void note_trace(const Activity& activity, std::chrono::milliseconds time, EpochMs now);

  const Around around_;
  ConsumerCounters& counters_;
  const observe::Logger& log_;
  StoreOffset store_offset_;
  std::optional<DeadLetters> dead_letters_;
  std::string fault_;
  Clock::time_point last_success_ = Clock::now();  // the last time a batch was stored
  bool failed_since_ = false;                      // a batch was held back for the database after that time
  observe::LogGate hold_gate_, waiting_gate_;
  Workers letter_worker_;
};

}  // namespace nx::ingest
