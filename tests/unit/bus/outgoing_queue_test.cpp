#include "bus/outgoing_queue.hpp"

#include <future>

#include <gtest/gtest.h>

#include "patience.hpp"

namespace nx::bus {
namespace {

using namespace std::chrono_literals;

Outgoing message(const std::string& text, std::chrono::milliseconds age = 0ms) {
  return {"c", text, std::chrono::steady_clock::now() - age};
}

TEST(OutgoingQueue, WakesOnceAndKeepsTheOrder) {
  OutgoingQueue queue({});
  EXPECT_TRUE(queue.put(message("1")));
  EXPECT_FALSE(queue.put(message("2")));
  EXPECT_EQ(queue.take()->message, "1");
  queue.put_back({message("0"), message("1")});
  for (const char* text : {"0", "1", "2"}) EXPECT_EQ(queue.take()->message, text);
  EXPECT_FALSE(queue.take());
  EXPECT_TRUE(queue.empty());
}

TEST(OutgoingQueue, DropsTheOldestOverEachBoundAndCountsByCause) {
  OutgoingQueue few({.messages = 2, .bytes = 1'000, .age = 30s});
  for (const char* text : {"1", "2", "3"}) few.put(message(text));
  EXPECT_EQ(few.take()->message, "2");
  EXPECT_EQ(few.dropped().messages, 1U);

  OutgoingQueue small({.messages = 100, .bytes = 10, .age = 30s});
  small.put(message("123"));
  small.put(message("456"));
  small.put(message("789"));
  EXPECT_EQ(small.take()->message, "456");
  EXPECT_EQ(small.dropped().bytes, 1U);
  EXPECT_FALSE(small.put(message("longer than ten")));
  EXPECT_EQ(small.dropped().bytes, 2U);
  EXPECT_EQ(small.take()->message, "789") << "what does not fit at all takes no other with it";
  EXPECT_FALSE(small.take());

  OutgoingQueue old({.messages = 100, .bytes = 1'000, .age = 30s});
  old.put(message("old", 31s));
  old.put(message("young", 29s));
  EXPECT_EQ(old.take()->message, "young");
  EXPECT_EQ(old.dropped().age, 1U);
}

TEST(OutgoingQueue, WhatComesBackIsUnderTheSameBounds) {
  OutgoingQueue queue({.messages = 2, .bytes = 1'000, .age = 30s});
  queue.put(message("3"));
  queue.put_back({message("1"), message("2")});
  EXPECT_EQ(queue.take()->message, "2");
  EXPECT_EQ(queue.take()->message, "3");
  EXPECT_EQ(queue.dropped().messages, 1U);
}

TEST(OutgoingQueue, OneUserPushesOutOnlyItsOwnMessages) {
  OutgoingQueue queue({.messages = 10, .of_one_user = 2, .bytes = 1'000, .age = 30s});
  const auto of = [](const char* channel, const std::string& text) {
    return Outgoing{channel, text, std::chrono::steady_clock::now()};
  };
  queue.put(of("ws:user:cashier", "payment"));
  for (int i = 0; i < 50; ++i) queue.put(of("ws:user:busy", std::to_string(i)));
  queue.put(of("signal:users", "many"));
  queue.put_back({of("ws:user:busy", "came back"), of("ws:user:cashier", "came back")});
  EXPECT_EQ(queue.dropped().messages, 49U);
  for (const char* text : {"came back", "payment", "48", "49", "many"}) EXPECT_EQ(queue.take()->message, text);
  EXPECT_FALSE(queue.take());
  for (int i = 0; i < 4; ++i) queue.put(of("signal:users", "many"));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.take()) << "a channel of many users has no bound of its own";

  OutgoingQueue roomy({.messages = 40, .of_one_user = 2, .bytes = 1'000, .age = 30s});
  for (int i = 0; i < 10; ++i) roomy.put(of("ws:user:busy", "burst"));
  EXPECT_EQ(roomy.dropped().messages, 0U) << "a burst that leaves three quarters to others harms nobody";
}

TEST(OutgoingQueue, TheEndOfWaitsEndsAWaitForRoomThatHasBegun) {
  OutgoingQueue queue({.messages = 2, .bytes = 1'000, .age = 30s});
  queue.put(message("full"));
  const auto in_an_hour = std::chrono::steady_clock::now() + 1h;
  auto waits = std::async(std::launch::async, [&] { return queue.wait_for_room(in_an_hour); });
  EXPECT_EQ(waits.wait_for(20ms), std::future_status::timeout);
  queue.end_waits(std::chrono::steady_clock::now());
  ASSERT_EQ(waits.wait_for(kPatience * 5s), std::future_status::ready);
  EXPECT_FALSE(waits.get());
  EXPECT_FALSE(queue.wait_for_room(in_an_hour)) << "nor does another one begin";
  queue.take();
  EXPECT_TRUE(queue.wait_for_room(in_an_hour)) << "with room nothing is waited for";
}

TEST(OutgoingQueue, MessagesThatAreDroppedAsTooOldMakeRoomForWhoeverWaits) {
  OutgoingQueue queue({.messages = 2, .bytes = 1'000, .age = 30s});
  queue.put(message("old", 31s));
  auto waits =
      std::async(std::launch::async, [&] { return queue.wait_for_room(std::chrono::steady_clock::now() + 1h); });
  EXPECT_EQ(waits.wait_for(20ms), std::future_status::timeout);
  EXPECT_FALSE(queue.take());
  const bool ended = waits.wait_for(kPatience * 5s) == std::future_status::ready;
  queue.end_waits(std::chrono::steady_clock::now());
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace nx::bus
