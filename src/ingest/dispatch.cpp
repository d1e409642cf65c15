#include "ingest/dispatch.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace nx::ingest {
namespace {

// a batch that takes longer is done in parts, so that other batches get their turns
constexpr std::chrono::milliseconds kTurn{1'000};

/// Nothing but hints is left of the batch: its lane may go on.
bool is_stored(const Batch& batch, const delivery::Part& part) {
  return part.handled == batch.activities.size() && part.poison.empty() && part.waiting.empty() && !part.held &&
         std::ranges::none_of(batch.records,
                              [](const Record& record) { return record.step == Record::Step::dead_letter; });
}

}  // namespace

Dispatch::Dispatch(const std::vector<delivery::Notify*>& notifies, Lanes& lanes, LaneDecoder& decoder,
                   Settlement& settlement, DoneLoads& done)
    : notifies_(notifies),
      lanes_(lanes),
      decoder_(decoder),
      settlement_(settlement),
      done_(done),
      workers_(
          notifies.size(), [this](std::size_t worker, Load& load) { store(worker, load); }, done) {}

void Dispatch::store(std::size_t worker, Load& load) {
  // Sets hints_sent also after an exception, because another worker may wait for it.
  struct HintsSent {
    Load& load;
    ~HintsSent() {
      for (auto& batch : load) batch->hints_sent.set_value();
    }
  } hints_sent{load};
  std::vector<std::span<const Activity>> messages;
  for (const auto& batch : load) messages.emplace_back(batch->activities);
  // This wait ends: the batch before waits for no other, and the time for sending its hints is bounded (RoomPatience).
  const auto wait_for_turn = [&load] {
    for (const auto& batch : load) {
      if (batch->earlier_hints.valid()) batch->earlier_hints.wait();
    }
  };
  auto parts = notifies_[worker]->some(
      messages, Clock::now() + kTurn,
      {.stored = [&](const std::vector<delivery::Part>& stored) { note_followed(load, stored); },
       .before_hints = wait_for_turn});
  wait_for_turn();  // also without hints, because the next batch of the lane waits only for this one
  for (std::size_t i = 0; i < load.size(); ++i) load[i]->part = std::move(parts[i]);
}

/// Another worker can store the next batches of these lanes meanwhile.
void Dispatch::note_followed(Load& load, const std::vector<delivery::Part>& parts) {
  if (notifies_.size() < 2) return;
  std::vector<Followed> lanes;
  for (std::size_t i = 0; i < load.size(); ++i) {
    if (!is_stored(*load[i], parts[i])) continue;
    load[i]->followed = true;
    lanes.push_back({load[i]->lane, is_costly(parts[i])});
  }
  if (!lanes.empty()) done_.put_followed(lanes);
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
    batch->hints_sent = {};
    batch->earlier_hints = std::exchange(lane->last_hints, batch->hints_sent.get_future().share());
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
  lane.storing_from = batch->records.front().time;
  lane.last_turn = next_turn_++;
  lanes_.begin_work(lane);
  return batch;
}

/// The lane whose last turn was longest ago; lanes whose hints are still being sent come after all others. A batch that
/// was held back may time out again, so such batches leave one worker to the others.
Lane* Dispatch::next_lane(Clock::time_point now) {
  std::size_t trying_again = 0;
  lanes_.each_of_partition([&](const Lane& lane) { trying_again += lane.storing && lane.holding ? 1 : 0; });
  const bool may_try_again = trying_again + 1 < std::max<std::size_t>(notifies_.size(), 2);
  Lane* next = nullptr;
  const auto look = [&](Lane& lane) {
    const auto due = lane.due();
    if (!due || *due > now || !lanes_.may_begin(lane) || (lane.holding && !may_try_again)) return;
    const auto rank = [](const Lane& one) { return std::pair{one.with_workers > 0, one.last_turn}; };
    if (next == nullptr || rank(lane) < rank(*next)) next = &lane;
  };
  lanes_.each_orphan(look);
  lanes_.each_of_partition(look);
  return next;
}

}  // namespace nx::ingest
