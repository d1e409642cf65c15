#include "ingest/lanes.hpp"

#include <algorithm>
#include <utility>

namespace nx::ingest {

Lane& Lanes::of(std::int32_t partition) {
  auto& lane = lanes_[partition];
  if (!lane) lane = std::make_unique<Lane>(partition, next_id_++);
  return *lane;
}

Lane* Lanes::find(std::int32_t partition) {
  const auto found = lanes_.find(partition);
  return found == lanes_.end() ? nullptr : found->second.get();
}

Lane* Lanes::with(std::uint64_t id) {
  Lane* found = nullptr;
  each([&](Lane& lane) {
    if (lane.id == id) found = &lane;
  });
  return found;
}

void Lanes::orphan(const std::set<std::int32_t>& partitions) {
  for (const std::int32_t partition : partitions) {
    const auto found = lanes_.find(partition);
    if (found == lanes_.end()) continue;
    auto old = std::exchange(found->second, std::make_unique<Lane>(partition, next_id_++));
    found->second->paused = old->paused;
    old->orphaned = true;
    old->revoking = false;
    orphans_.push_back(std::move(old));
  }
}

void Lanes::begin_work(Lane& lane) {
  lane.storing = true;
  ++lane.with_workers;
  Work& work = at_work_[lane.partition];
  work.lane = lane.id;
  ++work.batches;
}

void Lanes::end_work(const Batch& batch) {
  if (Lane* lane = with(batch.lane)) {
    --lane->with_workers;
    if (!batch.followed) lane->storing = false;
  }
  const auto work = at_work_.find(batch.partition);
  if (--work->second.batches == 0) at_work_.erase(work);
}

bool Lanes::may_begin(const Lane& lane) const {
  const auto work = at_work_.find(lane.partition);
  if (work == at_work_.end()) return true;
  return work->second.lane == lane.id &&
         std::ranges::none_of(orphans_, [&](const auto& orphan) { return orphan->partition == lane.partition; });
}

void Lanes::drop_empty_orphans() {
  std::erase_if(orphans_, [](const auto& lane) { return !lane->has_records(); });
}

void Lanes::clear() {
  lanes_.clear();
  orphans_.clear();
}

}  // namespace nx::ingest
