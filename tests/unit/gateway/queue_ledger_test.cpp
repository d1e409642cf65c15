#include "gateway/queue_ledger.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {

TEST(QueueLedgerTest, ItIsOverWhenTheSumOfAllShardsIs) {
  QueueLedger ledger(100);
  ledger.set_held(0, HeldKind::frames, 60);
  ledger.set_held(7, HeldKind::answers, 40);
  EXPECT_FALSE(ledger.is_over());
  ledger.set_held(7, HeldKind::answers, 41);
  EXPECT_TRUE(ledger.is_over());
  EXPECT_EQ(ledger.total(), 101U);
  EXPECT_EQ(ledger.total(HeldKind::answers), 41U);
}

TEST(QueueLedgerTest, WithoutALimitItIsNeverOver) {
  QueueLedger ledger(0);
  ledger.set_held(0, HeldKind::frames, 1'000'000);
  EXPECT_FALSE(ledger.is_over());
}

TEST(QueueLedgerTest, TheFullestIsKnownWithAndWithoutOneself) {
  QueueLedger ledger(100);
  ledger.set_fullest(2, 30);
  ledger.set_fullest(5, 20);
  EXPECT_EQ(ledger.shard_with_fullest(), 2U);
  EXPECT_EQ(ledger.fullest_but(5), 30U);
  EXPECT_EQ(ledger.fullest_but(2), 20U);
}

}  // namespace nx::gateway
