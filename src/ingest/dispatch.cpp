#include "ingest/dispatch.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace nx::ingest {
namespace {

// a batch that takes longer is done in parts, so that other batches get their turns
constexpr std::chrono::milliseconds kTurn{1'000};

}  // namespace

Dispatch::Dispatch(const std::vector<delivery::Notify*>& notifies, Lanes& lanes, LaneDecoder& decoder,
                   Settlement& settlement, DoneLoads& done)
    : notifies_(notifies),
      lanes_(lanes),
      decoder_(decoder),
      settlement_(settlement),
      workers_(
          notifies.size(), [this](std::size_t worker, Load& load) { store(worker, load); }, done) {}

void Dispatch::store(std::size_t worker, Load& load) const {
  std::vector<std::span<const Activity>> messages;
  for (const auto& batch : load) messages.emplace_back(batch->activities);
  auto parts = notifies_[worker]->some(messages, Clock::now() + kTurn);
  for (std::size_t i = 0; i < load.size(); ++i) load[i]->part = std::move(parts[i]);
}

void Dispatch::hand_out() {
  while (storing_ < notifies_.size() && settlement_.fault().empty()) {
    Load load = next_load();
    if (load.empty()) return;
    for (auto& batch : load) batch->shared = load.size() > 1;
    ++storing_;
    workers_.give(std::move(load));
  }
}

/// The batch of the lane whose last turn was longest ago. If all other workers are busy, the load also contains
/// small batches of other lanes, because a commit costs the same for one batch as for several.
Load Dispatch::next_load() {
  const auto now = Clock::now();
  Load load;
  std::size_t taken = 0, bytes = 0;
  while (Lane* lane = next_lane(now)) {
    if (!lane->held) decoder_.decode(*lane);
    const bool shares = lane->may_share() && storing_ + 1 == notifies_.size();
    const std::size_t records_too = taken + lane->ahead.size(), bytes_too = bytes + lane->ahead_bytes;
    if (!load.empty() && (!shares || records_too > kBatchRecords || bytes_too > kBatchBytes)) break;
    auto batch = next_batch(*lane, now);
    if (batch->activities.empty()) {
      settlement_.settle(std::move(batch));  // it has only dead letters, or nothing left to do
      continue;
    }
    load.push_back(std::move(batch));
    if (!shares) break;
    taken = records_too;
    bytes = bytes_too;
  }
  return load;
}

std::unique_ptr<Batch> Dispatch::next_batch(Lane& lane, Clock::time_point now) {
  auto batch = lane.next(now);
  batch->stage = Batch::Stage::storing;
  lane.work_from = batch->records.front().time;
  lane.last_turn = next_turn_++;
  lanes_.begin_work(lane);
  return batch;
}

/// The lane whose last turn was longest ago. A batch that was held back may time out again, so such batches leave
/// one worker to the others.
Lane* Dispatch::next_lane(Clock::time_point now) {
  std::size_t trying_again = 0;
  lanes_.each_of_partition([&](const Lane& lane) { trying_again += lane.at_work && lane.holding ? 1 : 0; });
  const bool may_try_again = trying_again + 1 < std::max<std::size_t>(notifies_.size(), 2);
  Lane* next = nullptr;
  const auto look = [&](Lane& lane) {
    const auto due = lane.due();
    if (!due || *due > now || lanes_.is_at_work(lane.partition) || (lane.holding && !may_try_again)) return;
    if (next == nullptr || lane.last_turn < next->last_turn) next = &lane;
  };
  lanes_.each_orphan(look);
  lanes_.each_of_partition(look);
  return next;
}

}  // namespace nx::ingest
