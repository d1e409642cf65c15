#include "runtime/job_queues.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JobQueuesTest : public testing::Test {
 protected:
  void put(JobKind kind, int count, const std::string& name, const std::string& party = {}) {
    for (int i = 0; i < count; ++i) queues.put(kind, party, name);
  }
  /// Begins what may run on so many free threads.
  std::vector<std::string> run(std::size_t threads) {
    std::vector<std::string> begun;
    while (begun.size() < threads) {
      auto next = queues.take();
      if (!next) break;
      begun.push_back(next->job);
      running.push_back(std::move(*next));
    }
    return begun;
  }
  void end(const std::string& name) {
    const auto found = std::ranges::find_if(running, [&](const auto& one) { return one.job == name; });
    ASSERT_NE(found, running.end());
    queues.done(found->kind, found->party);
    running.erase(found);
  }

  JobQueues<std::string> queues{5};
  std::vector<JobQueues<std::string>::Taken> running;
};

TEST_F(JobQueuesTest, TheOldestGoesFirstWhateverItIs) {
  put(JobKind::change, 1, "change");
  put(JobKind::quick, 1, "quick");
  put(JobKind::rooms, 1, "rooms");
  EXPECT_THAT(run(5), ElementsAre("change", "quick", "rooms"));
}

TEST_F(JobQueuesTest, NoKindHasAllThreads) {
  for (const auto& [kind, most] :
       {std::pair{JobKind::quick, 3U}, std::pair{JobKind::slow, 2U}, std::pair{JobKind::rooms, 2U},
        std::pair{JobKind::catch_up, 2U}, std::pair{JobKind::change, 3U}, std::pair{JobKind::record, 1U}}) {
    put(kind, 5, "one");
    EXPECT_EQ(run(5).size(), most);
    for (std::size_t i = 0; i < most; ++i) end("one");
    static_cast<void>(queues.clear());
  }
}

TEST_F(JobQueuesTest, ReadsOfAllKindsTogetherLeaveAThreadToChangesAndChangesLeaveThreadsToReads) {
  put(JobKind::slow, 9, "slow");
  put(JobKind::catch_up, 9, "catch up");
  put(JobKind::rooms, 9, "rooms");
  EXPECT_EQ(run(5).size(), 4U);
  put(JobKind::change, 9, "change");
  EXPECT_THAT(run(1), ElementsAre("change"));
  end("slow");
  EXPECT_THAT(run(1), ElementsAre("slow"));
  end("slow");
  end("slow");
  end("catch up");
  EXPECT_EQ(run(3).size(), 3U);
  EXPECT_EQ(std::ranges::count_if(running, [](const auto& one) { return one.kind == JobKind::change; }), 1)
      << "what reads was there first";
}

TEST_F(JobQueuesTest, OnePartyNeverHasAllThatAKindMayHave) {
  for (const JobKind kind : {JobKind::quick, JobKind::slow, JobKind::rooms, JobKind::catch_up, JobKind::change}) {
    put(kind, 9, "greedy", "u1");
    put(kind, 1, "other", "u2");
    const auto begun = run(5);
    EXPECT_EQ(std::ranges::count(begun, "other"), 1);
    EXPECT_LE(std::ranges::count(begun, "greedy"), 2);
    EXPECT_GE(std::ranges::count(begun, "greedy"), 1);
    while (!running.empty()) end(running.front().job);
    static_cast<void>(queues.clear());
  }
}

TEST_F(JobQueuesTest, OnePartyHasHalfOfTheThreadsAndItsOthersHoldNobodyUp) {
  put(JobKind::quick, 20, "greedy", "u1");
  put(JobKind::quick, 1, "other", "u2");
  put(JobKind::change, 1, "change of greedy", "u1");
  EXPECT_THAT(run(5), ElementsAre("greedy", "greedy", "other"));
  end("greedy");
  EXPECT_THAT(run(1), ElementsAre("greedy")) << "in the order in which they came";
  end("other");
  EXPECT_THAT(run(2), IsEmpty());
  put(JobKind::quick, 1, "nobody's");
  EXPECT_THAT(run(1), ElementsAre("nobody's"));
}

TEST(JobQueues, OfThreeThreadsOneIsLeftToReadsAndOneToChanges) {
  for (const auto& [many, one] :
       {std::pair{JobKind::change, JobKind::quick}, std::pair{JobKind::quick, JobKind::change}}) {
    JobQueues<std::string> queues(3);
    for (int i = 0; i < 9; ++i) queues.put(many, "u" + std::to_string(i), "many");
    queues.put(one, "other", "one");
    std::vector<std::string> begun;
    while (auto taken = queues.take()) begun.push_back(taken->job);
    EXPECT_THAT(begun, ElementsAre("many", "many", "one"));
  }
}

TEST(JobQueues, OneThreadIsForAllKindsInTurn) {
  JobQueues<std::string> queues(1);
  queues.put(JobKind::quick, "u1", "read");
  queues.put(JobKind::change, "u1", "change");
  EXPECT_EQ(queues.take()->job, "read");
  queues.done(JobKind::quick, "u1");
  EXPECT_EQ(queues.take()->job, "change");
  EXPECT_TRUE(queues.empty());
}

}  // namespace
}  // namespace nx::runtime
