#include "runtime/lanes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LanesTest : public testing::Test {
 protected:
  void put(Lane lane, int count, const std::string& name, const std::string& party = {}) {
    for (int i = 0; i < count; ++i) lanes.put(lane, party, name);
  }
  /// Begins what may run on so many free threads.
  std::vector<std::string> run(std::size_t threads) {
    std::vector<std::string> begun;
    while (begun.size() < threads) {
      auto next = lanes.take();
      if (!next) break;
      begun.push_back(next->job);
      running.push_back(std::move(*next));
    }
    return begun;
  }
  void end(const std::string& name) {
    const auto found = std::ranges::find_if(running, [&](const auto& one) { return one.job == name; });
    ASSERT_NE(found, running.end());
    lanes.done(found->lane, found->party);
    running.erase(found);
  }

  Lanes<std::string> lanes{5};
  std::vector<Lanes<std::string>::Taken> running;
};

TEST_F(LanesTest, TheOldestGoesFirstWhateverItIs) {
  put(Lane::change, 1, "change");
  put(Lane::quick, 1, "quick");
  put(Lane::rooms, 1, "rooms");
  EXPECT_THAT(run(5), ElementsAre("change", "quick", "rooms"));
}

TEST_F(LanesTest, NoKindHasAllThreads) {
  for (const auto& [lane, most] :
       {std::pair{Lane::quick, 3U}, std::pair{Lane::slow, 2U}, std::pair{Lane::rooms, 2U},
        std::pair{Lane::catch_up, 2U}, std::pair{Lane::change, 3U}, std::pair{Lane::record, 1U}}) {
    put(lane, 5, "one");
    EXPECT_EQ(run(5).size(), most);
    for (std::size_t i = 0; i < most; ++i) end("one");
    static_cast<void>(lanes.clear());
  }
}

TEST_F(LanesTest, ReadsOfAllKindsTogetherLeaveAThreadToChangesAndChangesLeaveThreadsToReads) {
  put(Lane::slow, 9, "slow");
  put(Lane::catch_up, 9, "catch up");
  put(Lane::rooms, 9, "rooms");
  EXPECT_EQ(run(5).size(), 4U);
  put(Lane::change, 9, "change");
  EXPECT_THAT(run(1), ElementsAre("change"));
  end("slow");
  EXPECT_THAT(run(1), ElementsAre("slow"));
  end("slow");
  end("slow");
  end("catch up");
  EXPECT_EQ(run(3).size(), 3U);
  EXPECT_EQ(std::ranges::count_if(running, [](const auto& one) { return one.lane == Lane::change; }), 1)
      << "what reads was there first";
}

TEST_F(LanesTest, OnePartyNeverHasAllThatAKindMayHave) {
  for (const Lane lane : {Lane::quick, Lane::slow, Lane::rooms, Lane::catch_up, Lane::change}) {
    put(lane, 9, "greedy", "u1");
    put(lane, 1, "other", "u2");
    const auto begun = run(5);
    EXPECT_EQ(std::ranges::count(begun, "other"), 1);
    EXPECT_LE(std::ranges::count(begun, "greedy"), 2);
    EXPECT_GE(std::ranges::count(begun, "greedy"), 1);
    while (!running.empty()) end(running.front().job);
    static_cast<void>(lanes.clear());
  }
}

TEST_F(LanesTest, OnePartyHasHalfOfTheThreadsAndItsOthersHoldNobodyUp) {
  put(Lane::quick, 20, "greedy", "u1");
  put(Lane::quick, 1, "other", "u2");
  put(Lane::change, 1, "change of greedy", "u1");
  EXPECT_THAT(run(5), ElementsAre("greedy", "greedy", "other"));
  end("greedy");
  EXPECT_THAT(run(1), ElementsAre("greedy")) << "in the order in which they came";
  end("other");
  EXPECT_THAT(run(2), IsEmpty());
  put(Lane::quick, 1, "nobody's");
  EXPECT_THAT(run(1), ElementsAre("nobody's"));
}

TEST(Lanes, OfThreeThreadsOneIsLeftToReadsAndOneToChanges) {
  for (const auto& [many, one] : {std::pair{Lane::change, Lane::quick}, std::pair{Lane::quick, Lane::change}}) {
    Lanes<std::string> lanes(3);
    for (int i = 0; i < 9; ++i) lanes.put(many, "u" + std::to_string(i), "many");
    lanes.put(one, "other", "one");
    std::vector<std::string> begun;
    while (auto taken = lanes.take()) begun.push_back(taken->job);
    EXPECT_THAT(begun, ElementsAre("many", "many", "one"));
  }
}

TEST(Lanes, OneThreadIsForAllKindsInTurn) {
  Lanes<std::string> lanes(1);
  lanes.put(Lane::quick, "u1", "read");
  lanes.put(Lane::change, "u1", "change");
  EXPECT_EQ(lanes.take()->job, "read");
  lanes.done(Lane::quick, "u1");
  EXPECT_EQ(lanes.take()->job, "change");
  EXPECT_TRUE(lanes.empty());
}

}  // namespace
}  // namespace nx::runtime
