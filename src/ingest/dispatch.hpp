#pragma once
// Chooses which lanes are stored next, and gives their batches to the workers that store. Used by the poller's thread;
// it owns the workers' threads.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "delivery/notify.hpp"
#include "ingest/lane_decoder.hpp"
#include "ingest/lanes.hpp"
#include "ingest/settlement.hpp"
#include "ingest/workers.hpp"

namespace nx::ingest {

class Dispatch {
 public:
  /// One worker for each of `notifies`; it returns its loads to `done`. All references are borrowed.
  Dispatch(const std::vector<delivery::Notify*>& notifies, Lanes& lanes, LaneDecoder& decoder, Settlement& settlement,
           DoneLoads& done);

  /// Gives loads to the workers that are free.
  void hand_out();
  /// A worker has returned a load of hand_out().
  void take_back() { --storing_; }
  /// Ends the workers; see Workers::finish().
  void finish() { workers_.finish(); }

 private:
  using Clock = std::chrono::steady_clock;

  void store(std::size_t worker, Load& load);  // on the worker's thread
  void note_followed(Load& load, const std::vector<delivery::Part>& parts);
  Load next_load();
  std::unique_ptr<Batch> next_batch(Lane& lane, Clock::time_point now);
  Lane* next_lane(Clock::time_point now);

  const std::vector<delivery::Notify*> notifies_;  // one for each worker
  Lanes& lanes_;
  LaneDecoder& decoder_;
  Settlement& settlement_;
  DoneLoads& done_;
  std::size_t storing_ = 0;  // loads that workers have
  std::uint64_t next_turn_ = 1;
  Workers workers_;
};

}  // namespace nx::ingest
