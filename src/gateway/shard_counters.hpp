#pragma once
// What one shard counts; written by its thread, read by any.

#include <atomic>

#include "observe/counter.hpp"

namespace nx::gateway {

struct ShardCounters {
  observe::Counter accepted;
  observe::Counter handshakes;
  observe::Counter frames_out;
  observe::Counter bytes_out;
  observe::Counter ignored;
  std::atomic<std::uint64_t> open{0};  // authenticated now
  std::atomic<std::uint64_t> load{0};  // connections of any kind, those on their way included
};

}  // namespace nx::gateway
