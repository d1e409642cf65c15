#include "gateway/holders.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {
namespace {

class TestHolder final : public Holder {
 public:
  TestHolder(Holders& holders, HeldKind kind) : holders_(holders), kind_(kind) {}

  bool hold(std::size_t bytes) {
    HeldBytes now;
    now.set(kind_, bytes);
    return holders_.account(*this, now);
  }
  void make_room() override {
    ++asked;
    hold(0);
  }
  bool watch_backlog() override {
    ++watched;
    return false;
  }

  int asked = 0;
  int watched = 0;

 private:
  Holders& holders_;
  HeldKind kind_;
};

TEST(HoldersTest, TheFullestOfAnyKindGivesUntilTheWholeIsWithinItsBound) {
  QueueLedger ledger(100);
  Holders holders(ledger, 3);
  TestHolder small(holders, HeldKind::frames);
  TestHolder half(holders, HeldKind::half_messages);
  TestHolder answer(holders, HeldKind::answers);
  EXPECT_FALSE(small.hold(30));
  EXPECT_FALSE(half.hold(40));
  EXPECT_TRUE(answer.hold(50));
  EXPECT_EQ(ledger.total(HeldKind::answers), 50U);

  EXPECT_EQ(holders.make_room(), Holders::Outcome::enough);

  EXPECT_EQ(answer.asked, 1);
  EXPECT_EQ(half.asked, 0);
  EXPECT_EQ(ledger.total(), 70U);
}

TEST(HoldersTest, AnotherShardGivesWhenItsFullestHoldsMore) {
  QueueLedger ledger(100);
  Holders here(ledger, 0);
  Holders there(ledger, 1);
  TestHolder small(here, HeldKind::frames);
  TestHolder big(there, HeldKind::requests);
  EXPECT_FALSE(big.hold(80));
  EXPECT_TRUE(small.hold(30));
  EXPECT_EQ(here.make_room(), Holders::Outcome::other_shard);
  EXPECT_EQ(small.asked, 0);
  EXPECT_EQ(there.make_room(), Holders::Outcome::enough);
  EXPECT_EQ(big.asked, 1);
}

TEST(HoldersTest, OnlyThoseThatHoldSomethingAreWatched) {
  QueueLedger ledger(0);
  Holders holders(ledger, 0);
  TestHolder one(holders, HeldKind::frames);
  TestHolder two(holders, HeldKind::frames);
  one.hold(1);
  two.hold(1);
  one.hold(0);
  holders.watch_backlogs();
  EXPECT_EQ(one.watched, 0);
  EXPECT_EQ(two.watched, 1);
}

}  // namespace
}  // namespace nx::gateway
