#pragma once
// Writes the acknowledgements of the clients of one shard to the database in batches: one at a time, at most one every
// 300 ms, and less often while the database is unavailable. Home thread only.

#include <cstdint>
#include <vector>

#include "gateway/ack_buffer.hpp"
#include "gateway/gateway_context.hpp"
#include "gateway/open_questions.hpp"
#include "gateway/shard_counters.hpp"
#include "model/result.hpp"
#include "runtime/event_loop.hpp"

namespace nx::gateway {

class AckWriter {
 public:
  /// The references are borrowed.
  AckWriter(runtime::EventLoop& loop, GatewayContext& context, ShardCounters& counters, OpenQuestions& questions,
            std::uint32_t shard)
      : loop_(loop), context_(context), counters_(counters), questions_(questions), shard_(shard) {}

  /// Returns false when the acknowledgement is refused: the buffer is full, or nothing is stored.
  bool add(Acknowledgement what);
  /// Begins to write the next batch if it is due. Called every tick.
  void write();
  /// From now on batches are written without a wait between them, and a failed one is not repeated.
  void hurry() { hurries_ = true; }

 private:
  void written(std::vector<Acknowledgement> batch, const Result<void>& done);
  void account();

  runtime::EventLoop& loop_;
  GatewayContext& context_;
  ShardCounters& counters_;
  OpenQuestions& questions_;
  const std::uint32_t shard_;
  AckBuffer waiting_;
  bool writing_ = false;            // at most one batch at a time
  bool in_time_ = true;             // the last batch was written without error
  bool hurries_ = false;            // the shard is about to end
  runtime::SteadyTime write_at_{};  // the earliest time of the next batch unless it is full
};

}  // namespace nx::gateway
