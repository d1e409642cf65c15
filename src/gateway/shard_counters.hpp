#pragma once
// What one shard counts; written by its thread, read by any.

#include <atomic>

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
  observe::Counter rooms_left_out;        // of joins, because the database did not answer
  observe::Counter rooms_closed;          // membership was not confirmed in time
  observe::Counter room_checks_failed;    // of clients, because the database did not answer
  observe::Counter catch_ups_unanswered;  // and so incomplete
  observe::Counter acks;                  // messages that said what a client has
  observe::Counter acks_dropped;          // those that found no room, or that could not be kept
  observe::Counter turns_cut;             // turns whose budget was spent before the work was done
  CloseCounters closes;
  RefusalCounters refusals;
  DropCounters drops;
  observe::Histogram record_to_frame;         // of hints, from the Kafka record to the sealed frame
  observe::Histogram loop_lag;                // how late a tick came: what every client of the shard waited
  std::atomic<std::uint64_t> open{0};         // authenticated now
  std::atomic<std::uint64_t> connections{0};  // of any kind, those on their way included
};

}  // namespace nx::gateway
