#pragma once
// Counters of one shard. Written by its thread, read by any.

#include <atomic>
#include <chrono>

#include "gateway/close_counters.hpp"
#include "gateway/drop_counters.hpp"
#include "gateway/refusal_counters.hpp"
#include "observe/counter.hpp"
#include "observe/histogram.hpp"

namespace nx::gateway {

struct ShardCounters {
  observe::Counter accepted;
  observe::Counter handshakes;
  observe::Counter frames_out;
  observe::Counter bytes_out;
  observe::Counter ignored;
  observe::Counter rooms_left_out;        // rooms left out of joins because the database did not answer
  observe::Counter rooms_closed;          // rooms closed because membership was not confirmed in time
  observe::Counter room_checks_failed;    // clients whose rooms were not checked because the database did not answer
  observe::Counter catch_ups_unanswered;  // catch-ups that are incomplete because the database did not answer
  observe::Counter late_hints;            // hints that were sent because the bus had been unavailable
  observe::Counter acks;                  // messages with acknowledgements of clients
  observe::Counter acks_dropped;  // acknowledgements among them that the full buffer refused or that were not stored
  observe::Counter turns_cut;     // turns whose budget was spent before all work was done
  CloseCounters closes;
  RefusalCounters refusals;
  DropCounters drops;
  observe::Histogram record_to_frame;  // for hints, from the Kafka record to the sealed frame
  observe::Histogram loop_lag;         // how late a tick was: the time that every client of the shard waited
  std::atomic<std::chrono::steady_clock::time_point> ticked{};  // the latest tick, or the start of the shard
  std::atomic<std::uint64_t> open{0};                           // authenticated and open now
  // of any kind, including those that are posted to the shard but not adopted yet
  std::atomic<std::uint64_t> connections{0};
};

}  // namespace nx::gateway
