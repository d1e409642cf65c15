#include "bus/exact_channels.hpp"

#include <gtest/gtest.h>

namespace nx::bus {
namespace {

using Names = std::vector<std::string>;

TEST(ExactChannels, TellsTheServerOnlyOfTheFirstAndTheLastWhoWants) {
  ExactChannels channels;
  channels.restart();
  channels.add({"a", "b"}, {});
  EXPECT_EQ(channels.next_slice().channels, (Names{"a", "b"}));
  channels.settled();
  channels.add({"a"}, {});
  EXPECT_TRUE(channels.next_slice().channels.empty());
  channels.remove({"a"});
  EXPECT_TRUE(channels.next_slice().channels.empty());
  channels.remove({"a"});
  const auto slice = channels.next_slice();
  EXPECT_FALSE(slice.subscribe);
  EXPECT_EQ(slice.channels, Names{"a"});
  EXPECT_EQ(channels.size(), 1U);
}

TEST(ExactChannels, ASliceIsOneCommandOfAtMostAThousand) {
  ExactChannels channels;
  Names many;
  for (int i = 0; i < 2'500; ++i) many.push_back("u" + std::to_string(i));
  channels.add(many, {});
  EXPECT_TRUE(channels.next_slice().channels.empty()) << "the link is down";
  channels.restart();
  std::size_t told = 0;
  for (const std::size_t size : {1'000U, 1'000U, 500U}) {
    EXPECT_EQ(channels.next_slice().channels.size(), size);
    told += size;
  }
  EXPECT_EQ(told, many.size());

  channels.settled();

  // However they alternate, who comes is told first, in one command.
  for (int i = 0; i < 500; ++i) {
    channels.remove({"u" + std::to_string(i)});
    channels.add({"new" + std::to_string(i)}, {});
  }
  const auto coming = channels.next_slice();
  EXPECT_TRUE(coming.subscribe);
  EXPECT_EQ(coming.channels.size(), 500U);
  const auto going = channels.next_slice();
  EXPECT_FALSE(going.subscribe);
  EXPECT_EQ(going.channels.size(), 500U);
  EXPECT_EQ(channels.size(), 2'500U);
}

TEST(ExactChannels, WhoGoesAndComesAgainStaysSubscribed) {
  ExactChannels channels;
  channels.restart();
  channels.add({"a"}, {});
  channels.next_slice();
  channels.settled();
  channels.remove({"a"});
  channels.add({"a"}, {});
  EXPECT_TRUE(channels.next_slice().channels.empty());
  EXPECT_EQ(channels.size(), 1U);

  channels.remove({"a"});
  channels.add({"b"}, {});
  channels.remove({"b"});
  const auto slice = channels.next_slice();
  EXPECT_FALSE(slice.subscribe);
  EXPECT_EQ(slice.channels, Names{"a"});
  channels.settled();
  EXPECT_TRUE(channels.next_slice().channels.empty());
  EXPECT_EQ(channels.size(), 0U);
}

TEST(ExactChannels, WhoComesAgainAfterTheCommandThatUnsubscribesIsSubscribedAnew) {
  ExactChannels channels;
  channels.restart();
  channels.add({"a"}, {});
  channels.next_slice();
  channels.settled();
  channels.remove({"a"});
  EXPECT_FALSE(channels.next_slice().subscribe);
  channels.add({"a"}, {});
  channels.settled();
  EXPECT_EQ(channels.next_slice().channels, Names{"a"});
}

TEST(ExactChannels, WhoWaitsIsToldWhenTheSliceIsSettled) {
  ExactChannels channels;
  channels.restart();
  int first = 0, second = 0;
  channels.add({"a"}, [&] { ++first; });
  channels.next_slice();
  channels.add({"b"}, [&] { ++second; });
  for (const auto& over : channels.settled()) over();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
  channels.next_slice();
  for (const auto& over : channels.settled()) over();
  EXPECT_EQ(second, 1);
}

TEST(ExactChannels, WhatIsOnItsWayIsWaitedForByTheNextWhoWantsIt) {
  ExactChannels channels;
  channels.restart();
  channels.add({"a"}, {});
  channels.next_slice();
  int told = 0;
  channels.add({"a"}, [&] { ++told; });
  for (const auto& over : channels.settled()) over();
  EXPECT_EQ(told, 1);
}

TEST(ExactChannels, NobodyWaitsForALinkThatIsDown) {
  ExactChannels channels;
  channels.restart();
  int told = 0;
  channels.add({"a"}, [&] { ++told; });
  channels.next_slice();
  for (const auto& over : channels.lost()) over();
  EXPECT_EQ(told, 1);
  channels.add({"b"}, [&] { ++told; });
  for (const auto& over : channels.settled()) over();
  EXPECT_EQ(told, 2);
}

TEST(ExactChannels, NobodyWaitsForEver) {
  ExactChannels channels;
  channels.restart();
  int told = 0;
  const ExactChannels::Time now;
  channels.add(
      {"a"}, [&] { ++told; }, now + std::chrono::milliseconds{250});
  EXPECT_TRUE(channels.overdue(now + std::chrono::milliseconds{249}).empty());
  for (const auto& over : channels.overdue(now + std::chrono::milliseconds{250})) over();
  EXPECT_EQ(told, 1);
  channels.next_slice();
  EXPECT_TRUE(channels.settled().empty());
}

TEST(ExactChannels, AfterALossEverythingThatIsStillWantedIsToldAgain) {
  ExactChannels channels;
  channels.restart();
  channels.add({"a", "b", "c"}, {});
  channels.next_slice();
  channels.settled();
  channels.remove({"a"});
  channels.lost();
  channels.remove({"b"});
  channels.restart();
  EXPECT_EQ(channels.next_slice().channels, Names{"c"});
  EXPECT_EQ(channels.size(), 1U);
}

}  // namespace
}  // namespace nx::bus
