#include "ingest/offset_ledger.hpp"

#include <gtest/gtest.h>

namespace nx::ingest {
namespace {

TEST(OffsetLedger, GivesWhatIsDoneFromTheBeginningOn) {
  OffsetLedger ledger;
  for (const std::int64_t offset : {5, 6, 9}) ASSERT_TRUE(ledger.read(offset));
  EXPECT_FALSE(ledger.advance());

  ledger.done(6);
  EXPECT_FALSE(ledger.advance()) << "5 is not done";
  EXPECT_EQ(ledger.open(), 3U);

  ledger.done(5);
  EXPECT_EQ(ledger.advance(), 9) << "nothing lies between 7 and 9";
  EXPECT_FALSE(ledger.advance());
  ledger.done(9);
  EXPECT_EQ(ledger.advance(), 10);
  EXPECT_EQ(ledger.open(), 0U);
}

TEST(OffsetLedger, TheEndOfThePartitionCountsOnceAllBeforeItIsDone) {
  OffsetLedger ledger;
  ledger.read(0);
  ledger.read_up_to(3);  // two marks of transactions behind it
  EXPECT_FALSE(ledger.advance());
  ledger.done(0);
  EXPECT_EQ(ledger.advance(), 3);
  ledger.read_up_to(5);
  EXPECT_EQ(ledger.advance(), 5);
}

TEST(OffsetLedger, NothingIsGivenForAnEmptyPartition) {
  OffsetLedger ledger;
  ledger.read_up_to(0);
  EXPECT_FALSE(ledger.advance());
}

TEST(OffsetLedger, RefusesWhatLiesBeforeWhatWasRead) {
  OffsetLedger ledger;
  ledger.read(7);
  EXPECT_FALSE(ledger.read(7));
  EXPECT_FALSE(ledger.read(3));
  EXPECT_TRUE(ledger.read(8));
}

}  // namespace
}  // namespace nx::ingest
