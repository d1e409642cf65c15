#include "gateway/close_counters.hpp"

#include <gtest/gtest.h>

namespace nx::gateway {

TEST(CloseCounters, EveryCodeIsCountedUnderItsOwnAndUnknownOnesTogether) {
  CloseCounters closes;
  for (const std::uint16_t code : kCountedCloseCodes) closes.add(ClosedBy::server, code);
  closes.add(ClosedBy::server, 4999);
  closes.add(ClosedBy::server, 1003);
  for (std::size_t i = 0; i < kCountedCloseCodes.size(); ++i) {
    EXPECT_EQ(closes.value(ClosedBy::server, i), kCountedCloseCodes[i] == 0 ? 3U : 1U) << kCountedCloseCodes[i];
    EXPECT_EQ(closes.value(ClosedBy::client, i), 0U) << kCountedCloseCodes[i];
  }
}

}  // namespace nx::gateway
