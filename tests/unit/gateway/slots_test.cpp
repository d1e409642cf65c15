#include "gateway/slots.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {
namespace {

TEST(Slots, AKeyThatOutlivedItsConnectionFindsNothing) {
  Slots<int> slots;
  const fanout::SlotKey first = slots.reserve();
  slots.put(first, std::make_unique<int>(1));
  EXPECT_EQ(*slots.find(first), 1);
  slots.take(first);
  const fanout::SlotKey second = slots.reserve();
  slots.put(second, std::make_unique<int>(2));
  EXPECT_EQ(second.slot, first.slot);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(slots.take(first), nullptr);
  EXPECT_EQ(*slots.find(second), 2);
}

}  // namespace
}  // namespace nx::gateway
