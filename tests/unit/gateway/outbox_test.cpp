#include "gateway/outbox.hpp"

#include <gtest/gtest.h>

#include "transport/ws_frame.hpp"

namespace nx::gateway {

using std::chrono::milliseconds;

namespace {

constexpr runtime::SteadyTime kStart{std::chrono::hours(1)};

std::string frame(const std::string& text) {
  std::string out;
  transport::append_frame(out, transport::WsOpcode::text, text);
  return out;
}

}  // namespace

TEST(OutboxTest, CutKeepsTheFrameThatIsPartlyWritten) {
  Outbox outbox;
  for (const char* text : {"one", "two", "three"}) outbox.begin_frame(kStart) += frame(text);
  outbox.consume(frame("one").size() + 2);

  outbox.cut(0);
  outbox.begin_frame(kStart) += frame("end");

  EXPECT_EQ(outbox.unsent(), frame("two").substr(2) + frame("end"));
}

TEST(OutboxTest, WhatWasSentIsHeldUntilItIsCutOff) {
  Outbox outbox;
  const std::string one = frame(std::string(60'000, 'x'));
  for (int i = 0; i < 3; ++i) outbox.begin_frame(kStart) += one;
  outbox.consume(one.size());
  EXPECT_EQ(outbox.size(), 2 * one.size());
  EXPECT_EQ(outbox.held_bytes(), 3 * one.size());
  outbox.consume(one.size());
  EXPECT_EQ(outbox.held_bytes(), one.size());
}

TEST(OutboxTest, CutBetweenFramesDropsAll) {
  Outbox outbox;
  for (const char* text : {"one", "two"}) outbox.begin_frame(kStart) += frame(text);
  outbox.consume(frame("one").size());
  outbox.cut(0);
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, CutKeepsWhatTlsHasSealedAlready) {
  Outbox outbox;
  for (const char* text : {"one", "two", "three"}) outbox.begin_frame(kStart) += frame(text);

  outbox.cut(frame("one").size() + 1);

  EXPECT_EQ(outbox.unsent(), frame("one") + frame("two"));
}

TEST(OutboxTest, CutFindsTheBorderAfterCompaction) {
  Outbox outbox;
  const std::string large = frame(std::string(50'000, 'x'));
  for (int i = 0; i < 4; ++i) outbox.begin_frame(kStart) += large;
  outbox.consume(2 * large.size() + 100);
  outbox.consume(large.size());
  outbox.cut(0);
  EXPECT_EQ(outbox.size(), large.size() - 100);
}

TEST(OutboxTest, TheOldestIsTheFrameThatIsStillWaiting) {
  Outbox outbox;
  const std::string one = frame("one");
  for (int i = 0; i < 3; ++i) outbox.begin_frame(kStart + milliseconds(200 * i)) += one;
  EXPECT_EQ(outbox.oldest(), kStart);
  outbox.consume(one.size() - 1);
  EXPECT_EQ(outbox.oldest(), kStart);
  outbox.consume(2);
  EXPECT_EQ(outbox.oldest(), kStart + milliseconds(200));
}

TEST(OutboxTest, ThePoolGivesBuffersBackEmpty) {
  OutboxPool pool;
  auto outbox = pool.take();
  outbox->begin_frame(kStart) += "x";
  pool.give_back(std::move(outbox));
  EXPECT_TRUE(pool.take()->empty());
}

}  // namespace nx::gateway
