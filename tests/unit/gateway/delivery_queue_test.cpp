#include "gateway/delivery_queue.hpp"

#include <gtest/gtest.h>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

/// How many pieces it takes to walk these, with nobody there.
std::size_t steps_of(std::vector<fanout::Delivery> deliveries) {
  fanout::Presence presence;
  const session::BusSubscriptions subscriptions;
  const RoomRegistry registry(presence, subscriptions, 0);
  const Slots<WsConnection> nobody;
  observe::Histogram record_to_frame;
  PushLog push_log({0});
  DeliveryQueue queue(nobody, registry, record_to_frame, push_log, nullptr);
  queue.put(deliveries);
  std::size_t steps = 0;
  while (!queue.empty()) {
    queue.step();
    ++steps;
  }
  return steps;
}

std::size_t steps_for(std::size_t count, std::size_t bytes) {
  std::vector<fanout::Delivery> deliveries(count);
  for (fanout::Delivery& delivery : deliveries) {
    delivery.to = fanout::Delivery::To::everyone;
    delivery.text = std::make_shared<const std::string>(bytes, 'x');
  }
  return steps_of(std::move(deliveries));
}

std::size_t steps_for_hint(std::size_t recipients, std::size_t bytes) {
  std::vector<fanout::Delivery> deliveries(1);
  deliveries[0].to = fanout::Delivery::To::hints;
  deliveries[0].text = std::make_shared<const std::string>(bytes, 'x');
  deliveries[0].hints.resize(recipients);
  return steps_of(std::move(deliveries));
}

}  // namespace

TEST(DeliveryQueueTest, ShortBroadcastsInARowAreWalkedTogether) {
  EXPECT_EQ(steps_for(64, 200), 1U);
  EXPECT_EQ(steps_for(65, 200), 2U);
}

// 64 of 256 KiB are 22 MB a client: walked together, every client would be a slow one before it could read.
TEST(DeliveryQueueTest, LongBroadcastsInARowAreWalkedOneByOne) {
  EXPECT_EQ(steps_for(64, 262'144), 64U);
}

TEST(DeliveryQueueTest, AHintToVeryManyIsWalkedInPieces) {
  EXPECT_EQ(steps_for_hint(256, 300), 1U);
  EXPECT_EQ(steps_for_hint(9'000, 300), 36U);
  // 41 KiB sealed, a quarter of a mebibyte a piece.
  EXPECT_EQ(steps_for_hint(9'000, 31'000), 1'500U);
  EXPECT_EQ(steps_for_hint(10, 262'144), 10U);
}

}  // namespace nx::gateway
