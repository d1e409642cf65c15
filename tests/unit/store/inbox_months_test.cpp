#include "store/postgres/inbox_months.hpp"

#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace nx::store::postgres {
namespace {

constexpr Month kMay{2026, 5}, kJune{2026, 6}, kJuly{2026, 7};

/// May 1–10, June 11–20, one of May that came late (21), June 22–30, July 31–40.
const std::vector<MonthRun> kRuns{{31, kJuly}, {22, kJune}, {21, kMay}, {11, kJune}, {1, kMay}};
const MonthMap kMap{kRuns, true, 40};
constexpr auto kDown = PageOrder::newest_first, kUp = PageOrder::oldest_first;
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

TEST(InboxMonths, TheNewestPageLooksIntoTheNewestMonthAlone) {
  const auto window = window_of(kMap, kDown, {0, kEnd}, 10);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->first, kJuly);
  EXPECT_EQ(window->last, kJuly);
  EXPECT_EQ(window->rows.after, 30);
  EXPECT_EQ(window->rows.before, 41);
  EXPECT_FALSE(window->whole);
}

TEST(InboxMonths, OneRowMoreTakesTheMonthBefore) {
  const auto window = window_of(kMap, kDown, {0, kEnd}, 11);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->first, kJune);
  EXPECT_EQ(window->last, kJuly);
  EXPECT_EQ(window->rows.after, 21);
}

TEST(InboxMonths, ARowThatCameLateBringsItsOwnMonth) {
  const auto window = window_of(kMap, kDown, {0, 23}, 2);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->first, kMay);
  EXPECT_EQ(window->last, kJune);
  EXPECT_EQ(window->rows.after, 20);
  EXPECT_EQ(window->rows.before, 23);
}

TEST(InboxMonths, UpwardsItBeginsAtTheCursor) {
  const auto window = window_of(kMap, kUp, {12, kEnd}, 3);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->first, kJune);
  EXPECT_EQ(window->last, kJune);
  EXPECT_EQ(window->rows.after, 12);
  EXPECT_EQ(window->rows.before, 21);
  EXPECT_FALSE(window->whole);
}

TEST(InboxMonths, WhatIsBelowTheOldestRunIsGone) {
  const std::vector<MonthRun> runs{{31, kJuly}};
  const auto down = window_of({runs, true, 40}, kDown, {0, kEnd}, 100);
  ASSERT_TRUE(down);
  EXPECT_TRUE(down->whole);
  EXPECT_EQ(down->first, kJuly);
  const auto below = window_of({runs, true, 40}, kDown, {0, 31}, 10);
  ASSERT_TRUE(below);
  EXPECT_TRUE(below->whole);
  EXPECT_FALSE(below->first);
}

TEST(InboxMonths, ACursorAtTheEndNeedsNoMonth) {
  const auto window = window_of(kMap, kUp, {40, kEnd}, 10);
  ASSERT_TRUE(window);
  EXPECT_TRUE(window->whole);
  EXPECT_FALSE(window->first);
}

// What a client may send as a cursor.
TEST(InboxMonths, TheLargestNumbersAreNoTrouble) {
  for (const auto order : {kDown, kUp}) {
    for (const std::int64_t after : {kEnd, kEnd - 1, std::numeric_limits<std::int64_t>::min()}) {
      const auto window = window_of(kMap, order, {after, kEnd}, 10);
      ASSERT_TRUE(window);
      EXPECT_EQ(window->first.has_value(), after < 0);
      EXPECT_FALSE(window_of(kMap, order, {after, std::numeric_limits<std::int64_t>::min()}, 10)->first);
    }
  }
}

TEST(InboxMonths, AMapThatDoesNotReachSaysSo) {
  const std::vector<MonthRun> newest(kRuns.begin(), kRuns.begin() + 2);
  EXPECT_TRUE(window_of({newest, false, 40}, kDown, {0, kEnd}, 19));
  EXPECT_FALSE(window_of({newest, false, 40}, kDown, {0, kEnd}, 20));
  EXPECT_TRUE(window_of({newest, false, 40}, kUp, {21, kEnd}, 5));
  EXPECT_FALSE(window_of({newest, false, 40}, kUp, {20, kEnd}, 5));
}

/// Whatever the runs: the window holds the first `rows` seqs that were asked for, and the months of all of them.
TEST(InboxMonths, AWindowHoldsWhatItPromises) {
  std::mt19937 random{std::random_device{}()};
  const auto any = [&random](std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>{0, below - 1}(random);
  };
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t last_seq = 1 + any(60);
    std::vector<Month> month_of_seq(static_cast<std::size_t>(last_seq) + 1);
    std::vector<MonthRun> runs;
    Month month{2026, 1};
    for (std::int64_t seq = 1; seq <= last_seq; ++seq) {
      if (seq == 1 || any(5) == 0) {
        month = Month{2026, 1}.plus(static_cast<int>(any(6)));
        runs.insert(runs.begin(), {seq, month});
      }
      month_of_seq[static_cast<std::size_t>(seq)] = month;
    }
    const Stretch asked{any(70) - 5, any(70)};
    const std::int64_t rows = 1 + any(20);
    const auto order = any(2) == 0 ? kDown : kUp;
    const auto window = window_of({runs, true, last_seq}, order, asked, rows);
    ASSERT_TRUE(window);
    std::int64_t within = 0, wanted = 0;
    for (std::int64_t seq = 1; seq <= last_seq; ++seq) {
      const bool is_asked = seq > asked.after && seq < asked.before;
      const bool is_in = seq > window->rows.after && seq < window->rows.before;
      wanted += is_asked ? 1 : 0;
      within += is_in ? 1 : 0;
      if (!is_in) continue;
      EXPECT_TRUE(is_asked) << seq;
      const Month of_seq = month_of_seq[static_cast<std::size_t>(seq)];
      EXPECT_TRUE(*window->first <= of_seq && of_seq <= *window->last) << seq;
    }
    EXPECT_GE(within, std::min(wanted, rows));
    EXPECT_EQ(window->whole && within != wanted, false);
    if (within < wanted) {
      EXPECT_FALSE(window->whole);
      // It is the beginning in the order asked for.
      if (order == kDown) {
        EXPECT_EQ(window->rows.before, std::min(asked.before, last_seq + 1));
      } else {
        EXPECT_EQ(window->rows.after, std::max<std::int64_t>(asked.after, 0));
      }
    }
  }
}

}  // namespace
}  // namespace nx::store::postgres
