#include "trace/export_queue.hpp"

#include <gtest/gtest.h>

namespace nx::trace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ExportQueue::Clock::time_point kStart{seconds{1'000}};

class ExportQueueTest : public ::testing::Test {
 protected:
  void add(std::size_t count) { queue.add(std::vector<Span>(count)); }
  bool answer(int status, ExportQueue::Clock::time_point now = kStart) {
    return queue.answered(queue.next().size(), {.status = status}, now);
  }
  ExportQueue queue;
};

TEST_F(ExportQueueTest, ARequestHasAtMost512Spans) {
  add(513);

  EXPECT_EQ(queue.due(kStart).size(), 512U);
  EXPECT_TRUE(answer(200));
  EXPECT_EQ(queue.due(kStart).size(), 1U);
  EXPECT_TRUE(answer(200));
  EXPECT_TRUE(queue.due(kStart).empty());
  EXPECT_EQ(queue.counters().exported.value(), 513U);
}

TEST_F(ExportQueueTest, WhatDoesNotFitIsDroppedAndCounted) {
  add(ExportQueue::kMaxSpans - 1);
  add(3);

  EXPECT_EQ(queue.size(), ExportQueue::kMaxSpans);
  EXPECT_EQ(queue.counters().no_room.value(), 2U);

  EXPECT_TRUE(answer(200));
  add(600);
  EXPECT_EQ(queue.size(), ExportQueue::kMaxSpans) << "what was accepted has made room";
  EXPECT_EQ(queue.counters().no_room.value(), 2U + 600U - 512U);
}

TEST_F(ExportQueueTest, SpansStayWhileTheCollectorIsAwayOrBusyAndTheNextRequestWaits) {
  for (const int status : {0, 429, 502, 503, 504}) {
    ExportQueue fresh;
    fresh.add(std::vector<Span>(2));
    EXPECT_FALSE(fresh.answered(2, {.status = status}, kStart)) << status;
    EXPECT_TRUE(fresh.due(kStart + milliseconds{499}).empty()) << status;
    EXPECT_EQ(fresh.due(kStart + seconds{1}).size(), 2U) << status;
    EXPECT_EQ(fresh.counters().failed.value(), 1U);
  }
}

TEST_F(ExportQueueTest, TheBackOffGrowsToHalfAMinuteAndEndsWithTheFirstAnswer) {
  add(2);
  for (int i = 0; i < 20; ++i) answer(503);
  EXPECT_TRUE(queue.due(kStart + milliseconds{14'999}).empty());
  EXPECT_FALSE(queue.due(kStart + seconds{30}).empty());
  EXPECT_TRUE(answer(200));
  add(1);
  answer(503, kStart + seconds{60});
  EXPECT_FALSE(queue.due(kStart + seconds{61}).empty());
}

TEST_F(ExportQueueTest, RetryAfterIsKeptUpToAMinute) {
  add(1);
  queue.answered(1, {.status = 503, .retry_after = seconds{7}}, kStart);
  EXPECT_TRUE(queue.due(kStart + milliseconds{6'999}).empty());
  EXPECT_FALSE(queue.due(kStart + seconds{7}).empty());
  queue.answered(1, {.status = 503, .retry_after = seconds{86'400}}, kStart);
  EXPECT_FALSE(queue.due(kStart + seconds{60}).empty());
}

TEST_F(ExportQueueTest, SpansThatTheCollectorDoesNotWantAreDroppedAndCounted) {
  for (const int status : {301, 400, 404, 413, 500}) {
    add(1);
    EXPECT_TRUE(answer(status)) << status;
  }
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.counters().refused.value(), 5U);
}

TEST_F(ExportQueueTest, OfARequestThatIsAcceptedInPartTheRejectedSpansAreCounted) {
  add(10);
  EXPECT_TRUE(queue.answered(10, {.status = 200, .rejected = 3}, kStart));
  add(1);
  EXPECT_TRUE(queue.answered(1, {.status = 200, .rejected = 999}, kStart)) << "more than there were";
  EXPECT_EQ(queue.counters().exported.value(), 7U);
  EXPECT_EQ(queue.counters().refused.value(), 4U);
}

}  // namespace
}  // namespace nx::trace
