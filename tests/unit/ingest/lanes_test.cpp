// When the batches of a partition may be stored.

#include "ingest/lanes.hpp"

#include <gtest/gtest.h>

namespace nx::ingest {
namespace {

using Clock = Lane::Clock;

/// A batch of the lane that a worker returns.
Batch returned(const Lane& lane, bool followed) {
  Batch batch;
  batch.partition = lane.partition;
  batch.lane = lane.id;
  batch.followed = followed;
  return batch;
}

TEST(LanesTest, ALaneIsDueAgainWhenItsBatchIsStoredAndNotWhileTwoAreWithWorkers) {
  Lanes lanes;
  Lane& lane = lanes.of(0);
  lane.held = std::make_unique<Batch>();
  lane.held_until = Clock::time_point{} + std::chrono::seconds{5};
  EXPECT_EQ(lane.due(), lane.held_until);

  lanes.begin_work(lane);
  EXPECT_FALSE(lane.due());
  lane.storing = false;
  EXPECT_TRUE(lane.due());
  EXPECT_FALSE(lane.may_share());
  lanes.begin_work(lane);
  lane.storing = false;
  EXPECT_FALSE(lane.due());
  lanes.end_work(returned(lane, true));
  EXPECT_TRUE(lane.due());
}

TEST(LanesTest, AFollowedBatchThatIsReturnedDoesNotEndTheStoringOfTheNext) {
  Lanes lanes;
  Lane& lane = lanes.of(0);
  lanes.begin_work(lane);
  lane.storing = false;
  lanes.begin_work(lane);

  lanes.end_work(returned(lane, true));
  EXPECT_TRUE(lane.storing);
  lanes.end_work(returned(lane, false));
  EXPECT_FALSE(lane.storing);
  EXPECT_FALSE(lanes.any_at_work());
}

TEST(LanesTest, ANewLaneOfAPartitionWaitsForAllBatchesOfTheOneBefore) {
  Lanes lanes;
  Lane& old = lanes.of(0);
  const Batch first = returned(old, true), second = returned(old, false);
  lanes.begin_work(old);
  lanes.begin_work(old);
  lanes.erase(0);
  Lane& now = lanes.of(0);

  EXPECT_FALSE(lanes.may_begin(now));
  lanes.end_work(first);
  EXPECT_FALSE(lanes.may_begin(now));
  lanes.end_work(second);
  EXPECT_TRUE(lanes.may_begin(now));
}

TEST(LanesTest, TheRecordsOfATopicThatWasMadeAgainAreNotHeldUpByTheNewOnes) {
  Lanes lanes;
  Lane& old = lanes.of(0);
  lanes.orphan({0});
  Lane& now = lanes.of(0);
  lanes.begin_work(now);
  now.storing = false;
  EXPECT_FALSE(lanes.may_begin(now));
  EXPECT_FALSE(lanes.may_begin(old));

  lanes.end_work(returned(now, true));
  EXPECT_TRUE(lanes.may_begin(old));
  EXPECT_TRUE(lanes.may_begin(now));
}

}  // namespace
}  // namespace nx::ingest
