#include "gateway/ack_buffer.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {

namespace {

NotificationId id(unsigned number) {
  NotificationId out;
  out.bytes[0] = static_cast<std::uint8_t>(number >> 8U);
  out.bytes[1] = static_cast<std::uint8_t>(number);
  return out;
}

Acknowledgement names(const std::string& user, std::size_t count, std::int64_t at = 0, unsigned first = 0) {
  Acknowledgement out{.user = {user}, .ids = {}, .at = {at}};
  for (std::size_t i = 0; i < count; ++i) out.ids.push_back(id(first + static_cast<unsigned>(i)));
  return out;
}

Acknowledgement stretch(const std::string& user, std::int64_t above, std::int64_t up_to, std::int64_t at = 0) {
  return {.user = {user}, .ids = {}, .above = above, .up_to = up_to, .at = {at}};
}

}  // namespace

TEST(AckBufferTest, WhatAUserSaysWithinAMomentIsWrittenTogetherWithTheLatestTime) {
  AckBuffer buffer;
  EXPECT_TRUE(buffer.add(names("u", 2, 100)));
  EXPECT_TRUE(buffer.add(stretch("u", 0, 5, 200)));
  EXPECT_TRUE(buffer.add(stretch("u", 5, 9, 300)));
  EXPECT_TRUE(buffer.add(names("u", 1, 400)));
  EXPECT_TRUE(buffer.add(names("v", 1, 400)));
  const auto batch = buffer.take();
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].ids.size(), 2U) << "distinct";
  EXPECT_EQ(batch[0].above, 0);
  EXPECT_EQ(batch[0].up_to, 9);
  EXPECT_EQ(batch[0].at, EpochMs{400});
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.bytes(), 0U);
}

TEST(AckBufferTest, WhatLiesBetweenTwoStretchesWasNotSaid) {
  AckBuffer buffer;
  EXPECT_TRUE(buffer.add(stretch("u", 0, 5)));
  EXPECT_TRUE(buffer.add(stretch("u", 50, 60)));
  EXPECT_EQ(buffer.take().size(), 2U);
}

TEST(AckBufferTest, ALaterTimeIsNotGivenToWhatWasSaidLongBefore) {
  AckBuffer buffer;
  EXPECT_TRUE(buffer.add(names("u", 1, 0)));
  EXPECT_TRUE(buffer.add(names("u", 1, 501, 7)));
  const auto batch = buffer.take();
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].at, EpochMs{0});
}

// Joined they would be more than is marked of one.
TEST(AckBufferTest, LongStretchesStayApart) {
  AckBuffer buffer;
  EXPECT_TRUE(buffer.add(stretch("u", 0, 400)));
  EXPECT_TRUE(buffer.add(stretch("u", 400, 800)));
  EXPECT_EQ(buffer.take().size(), 2U);
}

TEST(AckBufferTest, OneUserLeavesRoomToOthersAndTheWholeIsBounded) {
  AckBuffer buffer;
  std::size_t taken = 0;
  while (buffer.add(names("greedy", 100, 0, static_cast<unsigned>(taken)))) taken += 100;
  EXPECT_EQ(taken, AckBuffer::kMaxRowsOfUser / 100 * 100);
  for (int user = 0; buffer.add(names("u" + std::to_string(user), 100)); ++user) taken += 100;
  EXPECT_EQ(taken, AckBuffer::kMaxRows / 100 * 100);
  EXPECT_LE(buffer.bytes(), 512U * 1024U);
  EXPECT_TRUE(buffer.has_batch());

  std::size_t rows = 0;
  while (!buffer.empty()) {
    std::size_t of_batch = 0;
    for (const Acknowledgement& one : buffer.take()) of_batch += one.ids.size();
    EXPECT_LE(of_batch, AckBuffer::kBatchRows);
    rows += of_batch;
  }
  EXPECT_EQ(rows, taken);
  EXPECT_EQ(buffer.bytes(), 0U);
  EXPECT_TRUE(buffer.add(names("greedy", 100)));
}

TEST(AckBufferTest, WhatCouldNotBeWrittenComesFirst) {
  AckBuffer buffer;
  EXPECT_TRUE(buffer.add(names("u", 1, 0)));
  auto batch = buffer.take();
  EXPECT_TRUE(buffer.add(names("u", 1, 10, 5)));
  buffer.put_back(std::move(batch));
  const auto again = buffer.take();
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].at, EpochMs{0});
  EXPECT_EQ(again[1].at, EpochMs{10});
  EXPECT_EQ(buffer.bytes(), 0U);
}

}  // namespace nx::gateway
