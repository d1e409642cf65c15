#include "gateway/push_log.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {

namespace {

using contract::PushRecord;
using What = PushLog::What;

constexpr std::size_t kUser = 11, kOther = 12;
constexpr fanout::SlotKey kFirst{5, 1}, kSecond{6, 1}, kLater{5, 2};

std::vector<PushRecord::Outcome> outcomes(const PushLog& log, std::size_t user, std::int64_t seq) {
  std::vector<PushRecord::Outcome> out;
  for (const PushRecord& record : log.of(user, seq)) out.push_back(record.outcome);
  return out;
}

}  // namespace

TEST(PushLogTest, OneRecordForEachClientOfTheUser) {
  PushLog log({1'000});
  log.add(kUser, 7, kFirst, What::pushed, {2'000});
  log.add(kUser, 7, kSecond, What::held, {2'001});
  log.add(kUser, 8, kFirst, What::pushed, {2'002});
  log.add(kOther, 7, {9, 1}, What::pushed, {2'003});
  EXPECT_EQ(outcomes(log, kUser, 7), (std::vector{PushRecord::Outcome::pushed, PushRecord::Outcome::held}));
  EXPECT_EQ(log.of(kUser, 7)[0].at, EpochMs{2'000});
  EXPECT_EQ(log.since(), EpochMs{1'000});
  log.add(kUser, 7, kSecond, What::caught_up, {2'010});
  EXPECT_EQ(outcomes(log, kUser, 7), (std::vector{PushRecord::Outcome::pushed, PushRecord::Outcome::caught_up}));
}

TEST(PushLogTest, KnowsTheRowsThatOneClientWasSent) {
  PushLog log({1'000});
  log.add(kUser, 7, kFirst, What::pushed, {2'000});
  log.add(kUser, 8, kFirst, What::caught_up, {2'001});
  log.add(kUser, 9, kSecond, What::pushed, {2'002});
  log.add(kUser, 9, kLater, What::pushed, {2'003});
  log.add(kOther, 9, kFirst, What::pushed, {2'004});
  log.add_slow_close(kUser, kFirst, {1'999}, {2'005});
  EXPECT_EQ(log.seqs_of(kUser, kFirst), (std::vector<std::int64_t>{7, 8}));
  EXPECT_EQ(log.seqs_of(kOther, kSecond), std::vector<std::int64_t>{});
}

TEST(PushLogTest, ASlowCloseTakesWhatWasStillQueuedAndNothingElse) {
  PushLog log({1'000});
  log.add(kUser, 7, kFirst, What::pushed, {2'000});
  log.add(kUser, 8, kFirst, What::pushed, {3'000});
  log.add(kUser, 8, kSecond, What::pushed, {3'000});
  log.add_slow_close(kUser, kFirst, {2'500}, {9'000});
  EXPECT_EQ(outcomes(log, kUser, 7), std::vector{PushRecord::Outcome::pushed}) << "the kernel had taken it";
  EXPECT_EQ(outcomes(log, kUser, 8), (std::vector{PushRecord::Outcome::slow_closed, PushRecord::Outcome::pushed}));
  EXPECT_EQ(log.of(kUser, 8)[0].at, EpochMs{9'000});
  // The next client in that slot is another one.
  log.add(kUser, 9, kLater, What::pushed, {10'000});
  EXPECT_EQ(outcomes(log, kUser, 9), std::vector{PushRecord::Outcome::pushed});
}

TEST(PushLogTest, TheRingForgetsTheOldestAndSaysSinceWhen) {
  PushLog log({1'000});
  for (std::size_t i = 0; i < PushLog::kMaxEntries + 2; ++i) {
    log.add(kUser, static_cast<std::int64_t>(i), kFirst, What::pushed, {static_cast<std::int64_t>(2'000 + i)});
  }
  EXPECT_TRUE(log.of(kUser, 1).empty());
  EXPECT_EQ(log.of(kUser, 2).size(), 1U);
  EXPECT_EQ(log.of(kUser, static_cast<std::int64_t>(PushLog::kMaxEntries + 1)).size(), 1U);
  EXPECT_EQ(log.since(), EpochMs{2'002});
}

}  // namespace nx::gateway
