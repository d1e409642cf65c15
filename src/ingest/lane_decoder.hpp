#pragma once
// Decodes the records of a lane for its next batch. Used by the poller's thread.

#include <cstddef>

#include "ingest/consumer_counters.hpp"
#include "ingest/kafka_options.hpp"
#include "ingest/lanes.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class LaneDecoder {
 public:
  /// All references are borrowed.
  LaneDecoder(const KafkaOptions& options, ConsumerCounters& counters, const observe::Logger& log)
      : options_(options), counters_(counters), log_(log) {}

  /// Decodes as much as fits into one batch.
  void decode(Lane& lane);
  /// Decodes the next batches of lanes whose current batch is being stored.
  void decode_ahead(Lanes& lanes);

 private:
  void note_time(const Record& record);

  const KafkaOptions& options_;
  ConsumerCounters& counters_;
  const observe::Logger& log_;
  observe::LogGate expired_gate_, odd_gate_;
};

}  // namespace nx::ingest
