#pragma once
// The counters and measurements of the consumer. Written by the poller's thread; any thread may read it.

#include <atomic>
#include <cstdint>

#include "observe/counter.hpp"
#include "observe/exemplar.hpp"
#include "observe/histogram.hpp"

namespace nx::ingest {

struct ConsumerCounters {
  observe::Counter records, poison, empty, expired, odd_timestamps, batches, retries, dlq, dlq_lost, extra_dropped,
      replaced_surrogates, lock_waits;
  observe::Histogram record_to_commit;
  observe::ExemplarSlots commit_exemplars;          // of record_to_commit
  std::atomic<std::int64_t> oldest_unstored_ms{0};  // Unix time; 0: no record is in hand
  std::atomic<std::int64_t> held_partitions{0}, waiting_messages{0};
};

}  // namespace nx::ingest
