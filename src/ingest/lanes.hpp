#pragma once
// The lanes of the partitions that the consumer has, and of those whose topic was made again. Used by the poller's
// thread.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "ingest/lane.hpp"
#include "kafka/handle.hpp"

namespace nx::ingest {

class Lanes {
 public:
  /// The lane of a partition; a new one if it has none.
  Lane& of(std::int32_t partition);
  /// Null: the partition has no lane.
  Lane* find(std::int32_t partition);
  /// Null: there is no lane with that number any more.
  Lane* with(std::uint64_t id);

  void erase(std::int32_t partition) { lanes_.erase(partition); }
  /// No other consumer can read the records in hand of these partitions any more, because their topic is gone: they are
  /// stored, but their offsets are not. The partitions get new lanes.
  void orphan(const std::set<std::int32_t>& partitions);
  void drop_empty_orphans();
  void clear();

  std::size_t partitions() const { return lanes_.size(); }

  /// Calls `use` with each lane of a partition.
  template <class Use>
  void each_of_partition(const Use& use) {
    for (auto& [partition, lane] : lanes_) use(*lane);
  }
  template <class Use>
  void each_orphan(const Use& use) {
    for (auto& lane : orphans_) use(*lane);
  }
  /// Calls `use` with each lane: those of partitions first.
  template <class Use>
  void each(const Use& use) {
    each_of_partition(use);
    each_orphan(use);
  }

  /// A worker gets a batch of the lane.
  void begin_work(Lane& lane);
  /// A worker has returned a batch, whose lane may not exist any more.
  void end_work(const Batch& batch);
  /// False while workers have batches of another lane of its partition. Two lanes of a partition take turns, each with
  /// one batch.
  bool may_begin(const Lane& lane) const;
  bool any_at_work() const { return !at_work_.empty(); }

 private:
  /// The batches of a partition that workers have. They are of one lane.
  struct Work {
    std::uint64_t lane = 0;
    std::size_t batches = 0;
  };

  std::map<std::int32_t, std::unique_ptr<Lane>> lanes_;  // by partition
  std::vector<std::unique_ptr<Lane>> orphans_;           // lanes of a topic that was made again
  std::map<std::int32_t, Work> at_work_;                 // by partition
  std::uint64_t next_id_ = 1;
};

}  // namespace nx::ingest
