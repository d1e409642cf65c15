#include "gateway/delivery_queue.hpp"

#include <gtest/gtest.h>

#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

/// How many pieces it takes to walk `count` broadcasts of that size, with nobody there.
std::size_t steps_for(std::size_t count, std::size_t bytes) {
  fanout::Presence presence;
  const session::Audience audience;
  const Roster roster(presence, audience, 0);
  const Slots<WsConnection> nobody;
  observe::Histogram record_to_frame;
  DeliveryQueue queue(nobody, roster, record_to_frame);
  std::vector<fanout::Delivery> deliveries(count);
  for (fanout::Delivery& delivery : deliveries) {
    delivery.to = fanout::Delivery::To::everyone;
    delivery.text = std::make_shared<const std::string>(bytes, 'x');
  }
  queue.put(deliveries);
  std::size_t steps = 0;
  while (!queue.empty()) {
    queue.step();
    ++steps;
  }
  return steps;
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

}  // namespace nx::gateway
